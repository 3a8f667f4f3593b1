import type { GitCheckCause } from '#contracts';
import { branchOf, commitSchema, pullRequestRef, type PullRequestEvent, type PushEvent } from './git-event.rules.js';
import type { CheckWish } from './git-wishes.store.js';

/**
 * @param sourceId UUID
 * @param event of a branch or a tag
 * @param commit that it points at now
 * @param cause who told of it
 */
export function pushWish(sourceId: string, event: PushEvent, commit: string, cause: GitCheckCause): CheckWish {
  const { ref, before, actor } = event;
  const common = { sourceId, ref, pullRequest: null, commit, baseRef: null, fetchRef: ref, forkUrl: null, actor };
  // A tag stands for a state, not for a change.
  return { ...common, base: before, everything: branchOf(ref) === undefined, cause };
}

/**
 * @param sourceId UUID
 * @param event of a pull request that is open
 * @param cause who told of it
 */
export function pullRequestWish(sourceId: string, event: PullRequestEvent, cause: GitCheckCause): CheckWish {
  const { number, head, base, baseRef, fetchRef, forkUrl, actor } = event;
  return {
    sourceId,
    ref: pullRequestRef(number),
    pullRequest: number,
    // Where it is shortened, what `fetchRef` points at has to be asked.
    commit: commitSchema.safeParse(head).data ?? null,
    base,
    baseRef,
    fetchRef,
    forkUrl,
    everything: false,
    cause,
    actor,
  };
}
