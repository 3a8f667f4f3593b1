const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/**
 * How long to wait before the next attempt, with jitter: a fleet that lost its platform does not come back in one moment.
 * @param attempt from 0 on
 * @returns milliseconds
 */
export function backoff(attempt: number): number {
  const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return Math.round(most / 2 + (Math.random() * most) / 2);
}
