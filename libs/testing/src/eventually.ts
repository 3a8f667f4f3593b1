import { setTimeout as delay } from 'node:timers/promises';

const WITHIN_MS = 20_000;
const EVERY_MS = 20;

/**
 * Waits for a condition, never for a time.
 * @param condition asked again and again; what it throws counts as "not yet" until the end
 * @param what is awaited, for the message
 * @param withinMs after which the test fails
 * @returns the condition's first answer that is neither undefined nor false
 */
export async function eventually<Value>(
  condition: () => Promise<Value>,
  what: string,
  withinMs = WITHIN_MS,
): Promise<Exclude<Value, undefined | false>> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value as Exclude<Value, undefined | false>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`, { cause: last });
    await delay(EVERY_MS);
  }
}
