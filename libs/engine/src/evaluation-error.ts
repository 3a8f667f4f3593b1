/** How the reason begins where memory was what was missing; no policy can make one that does. */
export const OUT_OF_MEMORY = 'out of memory';

/** Why an evaluation came to nothing; the instance that threw it is never used again (H2). */
export class EvaluationError extends Error {
  /**
   * @param reason for a person, as it is shown beside the verdict `error`
   */
  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
    this.name = 'EvaluationError';
  }
}
