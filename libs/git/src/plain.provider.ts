import { z } from 'zod';
import { actorSchema, commitOrNothing, payloadOf, refSchema } from './git-event.rules.js';
import { loginOf, type GitProvider } from './git-provider.js';
import { isSigned, isStandardSigned } from './hook-signature.rules.js';

const pushSchema = z.object({
  ref: refSchema,
  after: commitOrNothing,
  before: commitOrNothing,
  actor: actorSchema.optional(),
});

/** Any server that speaks git over HTTPS: its own hook tells of pushes, and nobody is told of results. */
export const plain: GitProvider = {
  name: 'git',
  verify(hook, secret, now) {
    const { headers, body } = hook;
    if (headers['webhook-signature'] !== undefined) return isStandardSigned(secret, hook, now);
    return isSigned(secret, body, headers['x-bylaw-signature']);
  },
  deliveryOf: ({ headers }) => headers['webhook-id'] ?? headers['x-bylaw-delivery'],
  parse(hook) {
    const { ref, after, before, actor } = payloadOf(pushSchema, hook);
    return [{ kind: 'push', ref, commit: after, before, actor: actor ?? null }];
  },
  login: (token) => loginOf(token, 'git'),
  api: () => undefined,
};
