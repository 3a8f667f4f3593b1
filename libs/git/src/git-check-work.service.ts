import { Injectable } from '@nestjs/common';
import { parsePublicId, type Scope, type Severity } from '#kernel';
import type { GitCheckSummary, ValidationViolation } from '#contracts';
import { Database, type SecretUnreadable } from '#platform';
import { traced } from '#tracing';
import { GitCheckLedger, type CheckFindings, type TakenCheck } from './git-check-ledger.store.js';
import { GitCheckout, type CheckedOut, type OpenSource } from './git-checkout.service.js';
import { GitJudgement, type Judgement } from './git-judgement.service.js';
import { repositoryOf } from './git-provider.js';
import { GitReports } from './git-reports.service.js';

/** As many as are kept with the check, and shown where people review; validations hold them all. */
const VIOLATIONS_MAX = 300;
const UNREADABLE_MAX = 100;

/** What one check does: reads the commit, judges it. */
@Injectable()
export class GitCheckWork {
  constructor(
    private readonly database: Database,
    private readonly ledger: GitCheckLedger,
    private readonly checkout: GitCheckout,
    private readonly judgement: GitJudgement,
    private readonly reports: GitReports,
  ) {}

  /** @returns the check's source; undefined where it was taken away, an error where its token can't be read */
  async open(scope: Scope, check: TakenCheck): Promise<OpenSource | SecretUnreadable | undefined> {
    return this.reports.open(scope, check.sourceId);
  }

  /**
   * @returns what was found; undefined where the ref is gone
   * @throws GitProblem, CheckLost, and the signal's reason
   */
  async carryOut(
    scope: Scope,
    open: OpenSource,
    check: TakenCheck,
    signal: AbortSignal,
  ): Promise<CheckFindings | undefined> {
    const found = async (commit: string): Promise<void> => {
      if (check.commit === null) await this.database.run(scope, (tx) => this.ledger.resolve(tx, check, commit));
      await this.reports.tellBegun(open, { ...check, commit });
    };
    const out = await traced(scope, 'check out', { kind: 'client' }, () =>
      this.checkout.checkOut(open, check, found, signal),
    );
    if (out === undefined) return undefined;
    const context = {
      repository: repositoryOf(open.source.url).slice(0, 500),
      ref: check.ref,
      commit: out.commit,
      ...(check.actor !== null && { actor: check.actor }),
      url: open.source.url,
    };
    const alive = async (): Promise<void> => signal.throwIfAborted();
    return findingsOf(out, await this.judgement.judge(scope, out.head, out.before, context, alive));
  }
}

function findingsOf(out: CheckedOut, judged: Judgement): CheckFindings {
  const { violations, objects, errors, denyingErrors } = judged;
  const unreadable = [...out.unread, ...judged.unreadable];
  const fresh = violations.filter(({ baseline }) => baseline === 'new');
  const summary: GitCheckSummary = {
    files: out.head.length,
    objects,
    new: fresh.length,
    existing: violations.length - fresh.length,
    errors,
    denying_errors: denyingErrors,
    unreadable: unreadable.slice(0, UNREADABLE_MAX),
    by_severity: bySeverity(fresh),
  };
  return {
    commit: out.commit,
    base: out.base,
    decision: judged.decision === 'allow' && out.unread.length > 0 ? 'warn' : judged.decision,
    summary,
    violations: violations.slice(0, VIOLATIONS_MAX),
    validations: judged.validations.map((id) => parsePublicId('validation', id) ?? id),
  };
}

function bySeverity(violations: readonly ValidationViolation[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of violations) counts[severity]++;
  return counts;
}
