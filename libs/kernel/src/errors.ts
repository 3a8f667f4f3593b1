import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** One place in a request that is not as it should be. */
export interface ErrorPlace {
  /** RFC 6901 pointer into the body, or the name of a query parameter. */
  pointer: string;
  detail: string;
}

/** An expected refusal: a code of the closed list, what happened, and what would be right. */
export class AppError extends Error {
  readonly status: number;
  readonly title: string;

  /**
   * @param code from the closed list
   * @param detail one or two sentences for a person: what is wrong and what would be right
   * @param options `errors`: the places; `extra`: further members of the problem document (RFC 9457 §3.2);
   *   `retryAfter`: when it is worth trying again, in seconds
   */
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly options: {
      errors?: ErrorPlace[];
      extra?: Record<string, unknown>;
      retryAfter?: number;
      cause?: unknown;
    } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    [this.status, this.title] = ERROR_CODES[code];
  }
}
