import { z } from 'zod';
import {
  actorSchema,
  branchSchema,
  commitOrNothing,
  commitSchema,
  numberSchema,
  payloadOf,
  refSchema,
  type GitEvent,
  type HookRequest,
  type PullRequestEvent,
} from './git-event.rules.js';

/** What GitHub says of pushes and pull requests, and Gitea after it. */
export const senderSchema = z.object({ login: actorSchema }).nullish();
const pushSchema = z.object({ ref: refSchema, before: commitOrNothing, after: commitOrNothing, sender: senderSchema });
export const pullSchema = z.object({
  number: numberSchema,
  head: z.object({ sha: commitSchema }),
  base: z.object({ ref: branchSchema }),
  /** Of Gitea alone. */
  merge_base: commitOrNothing,
  user: senderSchema,
});
const pullRequestSchema = z.object({ action: z.string(), pull_request: pullSchema, sender: senderSchema });

/**
 * @param hook a delivery about a push
 * @returns what was pushed
 * @throws as `payloadOf` does
 */
export function pushOf(hook: HookRequest): GitEvent {
  const { ref, before, after, sender } = payloadOf(pushSchema, hook);
  return { kind: 'push', ref, commit: after, before, actor: sender?.login ?? null };
}

/**
 * @param hook a delivery about a pull request
 * @param reviewed what it has to be about, as the provider calls it, to be worth a look
 * @returns the pull request, or that it is closed; nothing where it brings no commits
 * @throws as `payloadOf` does
 */
export function pullRequestOf(hook: HookRequest, reviewed: ReadonlySet<string>): GitEvent[] {
  const { action, pull_request: pull, sender } = payloadOf(pullRequestSchema, hook);
  if (action === 'closed') return [{ kind: 'pull_request_closed', number: pull.number }];
  return reviewed.has(action) ? [pullEventOf({ ...pull, user: sender })] : [];
}

/** @returns what a delivery about a pull request tells, for one that was listed */
export function pullEventOf(pull: z.infer<typeof pullSchema>): PullRequestEvent {
  const { number, head, base, merge_base: mergeBase, user } = pull;
  return {
    kind: 'pull_request',
    number,
    head: head.sha,
    baseRef: base.ref,
    base: mergeBase,
    // A fork's commits are there too.
    fetchRef: `refs/pull/${number}/head`,
    forkUrl: null,
    actor: user?.login ?? null,
  };
}
