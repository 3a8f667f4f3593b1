import { z } from 'zod';
import {
  actorSchema,
  commitOrNothing,
  payloadOf,
  refSchema,
  type GitEvent,
  type HookRequest,
} from './git-event.rules.js';

/** Who did it, as GitHub says it, and Gitea after it. */
export const senderSchema = z.object({ login: actorSchema }).nullish();
const pushSchema = z.object({ ref: refSchema, before: commitOrNothing, after: commitOrNothing, sender: senderSchema });

/**
 * @param hook a delivery about a push
 * @returns what was pushed
 * @throws as `payloadOf` does
 */
export function githubPushOf(hook: HookRequest): GitEvent {
  const { ref, before, after, sender } = payloadOf(pushSchema, hook);
  return { kind: 'push', ref, commit: after, before, actor: sender?.login ?? null };
}
