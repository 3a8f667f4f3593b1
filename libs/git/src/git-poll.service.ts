import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { Database, SecretUnreadable, type Tx } from '#platform';
import { GitCheckout, type OpenSource } from './git-checkout.service.js';
import { branchOf, looksAt, pullRequestRef } from './git-event.rules.js';
import { loadHeads, noteHead, noteHeads } from './git-heads.store.js';
import type { RemoteHeads } from './git-output.rules.js';
import { GitProblem } from './git-process.js';
import type { OpenPullRequests, ProviderApi } from './git-provider.js';
import { GitReports } from './git-reports.service.js';
import { GIT_LIMITS, GitRepository } from './git-repository.js';
import { holdSource, loadSource, noteLooked, noteUnreachable, takeDueSource } from './git-sources.store.js';
import type { GitSource } from './git-source.entity.js';
import { GitWishes, supersede, type CheckWish } from './git-wishes.store.js';
import { pullRequestWish, pushWish } from './git-wish.rules.js';
import { ProviderAway, ProviderRefused } from './provider-client.js';

const LOOK_MS = 30_000;
/** Checks that one look asks for: the rest comes with the next. */
const CHECKS_A_LOOK = 50;
const SECOND_MS = 1_000;

/** A repository as one look saw it. */
interface Seen {
  /** Where it was looked: the source may lead elsewhere by now. */
  url: string;
  /** What was known before the look: what is known otherwise by now was told since, and is newer. */
  known: ReadonlyMap<string, string>;
  heads: RemoteHeads;
  /** undefined: there is nobody to ask. */
  pulls: OpenPullRequests | ProviderAway | ProviderRefused | undefined;
}

/** What a ref points at, and the check that it gets where it moved. */
interface Head {
  head: string;
  wish(before: string | null): CheckWish;
}

/** Looks at repositories by itself: providers lose deliveries. */
@Injectable()
export class GitPoll {
  constructor(
    private readonly database: Database,
    private readonly wishes: GitWishes,
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
      const seen = await this.lookAt(scope, source.sourceId);
      if (seen !== undefined) await this.database.run(scope, (tx) => this.take(tx, source.sourceId, seen));
    } catch (error) {
      if (!(error instanceof GitProblem)) throw error;
      await this.database.run(scope, async (tx) => {
        const present = await loadSource(tx, source.sourceId);
        if (present !== undefined) await noteUnreachable(tx, present, error.message);
      });
    }
    return true;
  }

  private async lookAt(scope: Scope, sourceId: string): Promise<Seen | undefined> {
    const open = await this.reports.open(scope, sourceId);
    if (open === undefined) return undefined;
    if (open instanceof SecretUnreadable) throw new GitProblem('refused', open.message);
    const known = await this.database.run(scope, (tx) => loadHeads(tx, sourceId));
    const heads = await this.headsOf(open);
    return { url: open.source.url, known, heads, pulls: await pullsOf(open.api) };
  }

  private async headsOf(open: OpenSource): Promise<RemoteHeads> {
    const way = await this.checkout.wayToSource(open);
    const repository = await GitRepository.create({ ...GIT_LIMITS, callMs: LOOK_MS });
    try {
      return await repository.heads(way);
    } finally {
      await repository.remove();
    }
  }

  private async take(tx: Tx, sourceId: string, seen: Seen): Promise<void> {
    const source = await holdSource(tx, sourceId);
    // Where it was changed it is due again.
    if (source === undefined || source.url !== seen.url) return;
    const present = await loadHeads(tx, sourceId);
    const isAsSeen = (ref: string): boolean => present.get(ref) === seen.known.get(ref);
    for (const ref of present.keys()) {
      if (!isGone(ref, seen) || !isAsSeen(ref)) continue;
      await noteHead(tx, sourceId, ref, null);
      await supersede(tx, sourceId, ref);
    }
    await this.takeMoved(
      tx,
      source,
      present,
      headsIn(source, seen).filter(([ref]) => isAsSeen(ref)),
      seen.heads.defaultRef,
    );
    await noteOutcome(tx, source, seen.pulls);
  }

  private async takeMoved(
    tx: Tx,
    { sourceId, lastPolledAt }: GitSource,
    present: ReadonlyMap<string, string>,
    heads: readonly [ref: string, Head][],
    defaultRef: string | undefined,
  ): Promise<void> {
    // Of a repository that was never looked at, branches are as they were before anybody asked: the default one is checked.
    const asBefore = (ref: string): boolean =>
      lastPolledAt === null && branchOf(ref) !== undefined && ref !== defaultRef && !present.has(ref);
    const old = heads.filter(([ref]) => asBefore(ref));
    await noteHeads(tx, sourceId, new Map(old.map(([ref, { head }]) => [ref, head])));
    const moved = heads.filter(([ref, { head }]) => present.get(ref) !== head && !asBefore(ref));
    for (const [ref, { head, wish }] of moved.slice(0, CHECKS_A_LOOK)) {
      await noteHead(tx, sourceId, ref, head);
      const wanted = wish(present.get(ref) ?? null);
      await this.wishes.want(tx, wanted, wanted.commit === null);
    }
  }
}

async function pullsOf(api: ProviderApi | undefined): Promise<Seen['pulls']> {
  try {
    return await api?.openPullRequests();
  } catch (error) {
    if (error instanceof ProviderAway || error instanceof ProviderRefused) return error;
    throw error;
  }
}

/** @returns what the source looks at */
function headsIn({ sourceId, branches }: GitSource, { heads, pulls }: Seen): [ref: string, Head][] {
  const found = [...heads.commits].map(([ref, head]): [string, Head] => [
    ref,
    {
      head,
      wish: (before) => pushWish(sourceId, { kind: 'push', ref, commit: head, before, actor: null }, head, 'poll'),
    },
  ]);
  const open = pulls === undefined || pulls instanceof Error ? [] : pulls.pulls;
  return [
    ...found.filter(([ref]) => looksAt(branches, ref)),
    ...open
      .filter(({ baseRef }) => looksAt(branches, `refs/heads/${baseRef}`))
      .map((event): [string, Head] => [
        pullRequestRef(event.number),
        { head: event.head, wish: () => pullRequestWish(sourceId, event, 'poll') },
      ]),
  ];
}

/** @returns whether it is certain that a ref is not there any more */
function isGone(ref: string, { heads, pulls }: Seen): boolean {
  if (branchOf(ref) !== undefined) return !heads.commits.has(ref);
  if (pulls === undefined || pulls instanceof Error || !pulls.whole) return false;
  return pulls.pulls.every(({ number }) => pullRequestRef(number) !== ref);
}

/** Who may not list pull requests is checked by what deliveries tell; a provider that is away is asked later. */
async function noteOutcome(tx: Tx, source: GitSource, pulls: Seen['pulls']): Promise<void> {
  if (pulls instanceof ProviderAway) {
    await noteUnreachable(tx, source, pulls.message, (pulls.retryAfterSeconds ?? 0) * SECOND_MS);
    return;
  }
  const unseen = 'Pull requests are not found where no delivery tells of them';
  await noteLooked(tx, source, pulls instanceof ProviderRefused ? `${unseen}: ${pulls.message}` : null);
}
