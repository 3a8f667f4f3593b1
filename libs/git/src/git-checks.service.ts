import { Inject, Injectable } from '@nestjs/common';
import { publicId, type Scope } from '#kernel';
import { Database, LOGGER, Metrics, SecretUnreadable, type Logger } from '#platform';
import { inSpan } from '#tracing';
import {
  CHECK_LEASE_MS,
  CheckLost,
  GitCheckLedger,
  shownCheck,
  type CheckFindings,
  type TakenCheck,
} from './git-check-ledger.store.js';
import { GitCheckWork } from './git-check-work.service.js';
import type { OpenSource } from './git-checkout.service.js';
import { GitProblem } from './git-process.js';
import { noteReached, noteUnreachable } from './git-sources.store.js';

const FAILURES_MAX = 5;
const FIRST_WAIT_MS = 30_000;
const OUR_FAULT = 'Something went wrong on our side.';

/** This worker ends: the check goes on in another one. */
class HandedOver extends Error {}

/** The life of a check: taken, kept by its lease, checked out, judged, done, tried again or failed. */
@Injectable()
export class GitChecks {
  private readonly ending = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly ledger: GitCheckLedger,
    private readonly work: GitCheckWork,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** This worker ends: checks that are under way begin anew in another one. */
  handOver(): void {
    this.ending.abort(new HandedOver());
  }

  /**
   * Takes an organization's next check and carries it out.
   * @param scope the platform's own
   * @returns whether there was one
   */
  async executeNext(scope: Scope): Promise<boolean> {
    const check = await this.ledger.takeNext(this.database, scope);
    if (check === undefined) return false;
    const { checkId, sourceId, attempt, cause, traceparent: parent } = check;
    const attributes = { 'bylaw.check_id': shownCheck(checkId), 'bylaw.source_id': publicId('gitSource', sourceId) };
    await inSpan('git check', { kind: 'consumer', parent, attributes }, async (span) => {
      const traceparent = span?.traceparent ?? parent;
      span?.set({ 'bylaw.attempt': attempt, 'bylaw.cause': cause });
      const begun = performance.now();
      const outcome = await this.execute({ ...scope, ...(traceparent !== null && { traceparent }) }, check);
      span?.set({ 'bylaw.outcome': outcome });
      this.metrics.gitChecks.observe({ outcome }, (performance.now() - begun) / 1_000);
    });
    return true;
  }

  private async execute(scope: Scope, check: TakenCheck): Promise<string> {
    const lost = new AbortController();
    const signal = AbortSignal.any([this.ending.signal, lost.signal]);
    const renewal = setInterval(() => {
      this.database
        .run(scope, (tx) => this.ledger.fence(tx, check))
        .catch((error: unknown) => (error instanceof CheckLost ? lost.abort(error) : undefined));
    }, CHECK_LEASE_MS / 3);
    try {
      return await this.attempt(scope, check, signal);
    } catch (error) {
      if (error instanceof CheckLost) return 'lost';
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  private async attempt(scope: Scope, check: TakenCheck, signal: AbortSignal): Promise<string> {
    const open = await this.work.open(scope, check);
    // Taken away while it was taken: its checks are gone with it.
    if (open === undefined) return 'lost';
    try {
      if (open instanceof SecretUnreadable) throw new GitProblem('refused', open.message);
      const findings = await this.work.carryOut(scope, open, check, signal);
      return await this.end(scope, open, check, findings);
    } catch (error) {
      if (error instanceof CheckLost) throw error;
      if (error instanceof HandedOver) {
        await this.database.run(scope, (tx) => this.ledger.handOver(tx, check));
        return 'handed_over';
      }
      if (!(error instanceof GitProblem)) this.logger.error({ err: error, org_id: scope.orgId }, 'git check');
      return this.noteFailure(scope, open, check, error);
    }
  }

  private async end(
    scope: Scope,
    open: OpenSource,
    check: TakenCheck,
    findings: CheckFindings | undefined,
  ): Promise<string> {
    return this.database.run(scope, async (tx) => {
      await noteReached(tx, open.source);
      if (findings === undefined) {
        // Who asks for a ref is told that there is none; of a branch that was deleted nobody asks any more.
        if (check.cause === 'manual') await this.ledger.fail(tx, check, `There is no ${check.ref}.`, false);
        else await this.ledger.drop(tx, check, 'The branch is gone.');
        return 'dropped';
      }
      await this.ledger.finish(tx, check, findings, open.api !== undefined);
      return findings.decision;
    });
  }

  /** What others have to mend is told at their source; one that fails again and again ends, with the reason. */
  private async noteFailure(
    scope: Scope,
    open: OpenSource | SecretUnreadable,
    check: TakenCheck,
    error: unknown,
  ): Promise<string> {
    const reason = error instanceof GitProblem ? error.message : OUR_FAULT;
    // Another try would find the same commit.
    const lasts = error instanceof GitProblem && ['gone', 'large', 'harmful'].includes(error.kind);
    return this.database.run(scope, async (tx) => {
      // A fork that can't be read is its owner's to mend: the repository itself is looked at all the same.
      const ours = check.forkUrl === null && !(open instanceof SecretUnreadable);
      if (ours && error instanceof GitProblem && !lasts) await noteUnreachable(tx, open.source, reason);
      const told = !(open instanceof SecretUnreadable) && open.api !== undefined;
      if (lasts || check.failures + 1 >= FAILURES_MAX) {
        await this.ledger.fail(tx, check, reason, told);
        return 'failed';
      }
      await this.ledger.postpone(tx, check, FIRST_WAIT_MS * 4 ** check.failures, reason);
      return 'postponed';
    });
  }
}
