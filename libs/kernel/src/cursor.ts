import { AppError } from './errors.js';

/**
 * Packs the sort key of a page's last row, so that the next page starts after it (keyset paging).
 * @param sort the order the key belongs to, for example `-opened_at`
 * @param key the sort values of the last row, the unique one last
 */
export function encodeCursor(sort: string, key: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([sort, ...key])).toString('base64url');
}

/**
 * Unpacks a cursor that a client sent back.
 * @param cursor as the client sent it
 * @param sort the order this request asks for
 * @param length how many values the key has
 * @returns the sort values of the last row of the page before
 * @throws AppError `invalid_cursor` where it is not ours, or belongs to another order
 */
export function decodeCursor(cursor: string, sort: string, length: number): (string | number | null)[] {
  const refusal = new AppError(
    'invalid_cursor',
    'Take `next_cursor` of the page before as it is, with the same filters and sort, or leave it out to start over.',
  );
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw refusal;
  }
  if (!Array.isArray(parsed) || parsed.length !== length + 1 || parsed[0] !== sort) throw refusal;
  const key: unknown[] = parsed.slice(1);
  if (!key.every((value) => value === null || typeof value === 'string' || typeof value === 'number')) throw refusal;
  return key as (string | number | null)[];
}
