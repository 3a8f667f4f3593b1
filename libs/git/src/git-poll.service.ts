import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { Database, SecretUnreadable } from '#platform';
import { GitCheckLedger } from './git-check-ledger.store.js';
import { GitCheckout } from './git-checkout.service.js';
import { looksAt } from './git-event.rules.js';
import { loadHeads, noteHead, noteHeads } from './git-heads.store.js';
import type { RemoteHeads } from './git-output.rules.js';
import { GitProblem } from './git-process.js';
import { GitReports } from './git-reports.service.js';
import { GIT_LIMITS, GitRepository } from './git-repository.js';
import { lockSource } from './git-sources.service.js';
import { loadSource, noteReached, noteUnreachable, takeDueSource } from './git-sources.store.js';
import type { GitSource } from './git-source.entity.js';

const LOOK_MS = 30_000;
/** Checks that one look asks for: the rest comes with the next. */
const CHECKS_A_LOOK = 50;

/** Looks at repositories by itself: providers lose deliveries. */
@Injectable()
export class GitPoll {
  constructor(
    private readonly database: Database,
    private readonly ledger: GitCheckLedger,
    private readonly checkout: GitCheckout,
    private readonly reports: GitReports,
  ) {}

  /**
   * Looks at the next source that is due.
   * @param scope the platform's own
   * @returns whether there was one
   */
  async lookAtNext(scope: Scope): Promise<boolean> {
    const source = await this.database.run(scope, (tx) => takeDueSource(tx));
    if (source === undefined) return false;
    try {
      const heads = await this.headsOf(scope, source.sourceId);
      if (heads !== undefined) await this.take(scope, source.sourceId, heads);
    } catch (error) {
      if (!(error instanceof GitProblem)) throw error;
      await this.database.run(scope, async (tx) => {
        const present = await loadSource(tx, source.sourceId);
        if (present !== undefined) await noteUnreachable(tx, present, error.message);
      });
    }
    return true;
  }

  private async headsOf(scope: Scope, sourceId: string): Promise<RemoteHeads | undefined> {
    const open = await this.reports.open(scope, sourceId);
    if (open === undefined) return undefined;
    if (open instanceof SecretUnreadable) throw new GitProblem('refused', open.message);
    const way = await this.checkout.wayToSource(open);
    const repository = await GitRepository.create({ ...GIT_LIMITS, callMs: LOOK_MS });
    try {
      return await repository.heads(way);
    } finally {
      await repository.remove();
    }
  }

  private async take(scope: Scope, sourceId: string, { defaultRef, commits }: RemoteHeads): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const source = await lockSource(tx, sourceId);
      await noteReached(tx, source);
      await tx.query('update app.git_source set last_polled_at = $3 where org_id = $1 and source_id = $2', [
        source.orgId,
        sourceId,
        tx.now,
      ]);
      const known = await loadHeads(tx, sourceId);
      for (const ref of known.keys()) {
        if (commits.has(ref)) continue;
        await noteHead(tx, sourceId, ref, null);
        await this.ledger.supersede(tx, sourceId, ref);
      }
      const looked = new Map([...commits].filter(([ref]) => looksAt(source.branches, ref)));
      // Of a repository that was never looked at, branches are as they were before anybody asked: the default one is checked.
      const asBefore = (ref: string): boolean => source.lastPolledAt === null && ref !== defaultRef && !known.has(ref);
      await noteHeads(tx, sourceId, new Map([...looked].filter(([ref]) => asBefore(ref))));
      const moved = [...looked].filter(([ref, commit]) => known.get(ref) !== commit && !asBefore(ref));
      for (const [ref, commit] of moved.slice(0, CHECKS_A_LOOK)) {
        await noteHead(tx, sourceId, ref, commit);
        await this.ledger.want(tx, pollWish(source, ref, commit, known.get(ref) ?? null), false);
      }
    });
  }
}

function pollWish(source: GitSource, ref: string, commit: string, base: string | null) {
  const common = { sourceId: source.sourceId, ref, pullRequest: null, commit, base, baseRef: null, fetchRef: ref };
  return { ...common, forkUrl: null, everything: false, cause: 'poll' as const, actor: null };
}
