import { EvaluationError } from './evaluation-error.js';

/**
 * The most that the host's functions are given in one call, or give back, in characters or items: the heap of a thread
 * bears it.
 */
export const MAX_HOST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Asked before a text is made, or as it grows: afterwards it would be too late.
 * @param characters or items that a function is given or would give
 * @throws EvaluationError where they are too many
 */
export function refuseBulk(characters: number): void {
  if (characters <= MAX_HOST_CHARACTERS) return;
  throw new EvaluationError(
    `a function such as sprintf or concat handles ${characters} characters or items: at most ${MAX_HOST_CHARACTERS} (4 Mi) in one call`,
  );
}
