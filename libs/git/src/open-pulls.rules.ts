import type { z } from 'zod';
import type { PullRequestEvent } from './git-event.rules.js';
import type { OpenPullRequests } from './git-provider.js';

/**
 * @param listed as the provider lists them
 * @param schema of one; what is not so is left out, and tells nothing of the others
 * @param eventOf says what a delivery about it would have told
 */
export function pullsOf<Pull extends z.ZodType>(
  listed: { items: readonly unknown[]; whole: boolean },
  schema: Pull,
  eventOf: (pull: z.infer<Pull>) => PullRequestEvent | PullRequestEvent[],
): OpenPullRequests {
  const pulls = listed.items.flatMap((item) => {
    const { success, data } = schema.safeParse(item);
    return success ? eventOf(data) : [];
  });
  return { pulls, whole: listed.whole };
}
