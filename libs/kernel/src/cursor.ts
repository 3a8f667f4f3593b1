import { AppError } from './errors.js';
import { isStorable } from './text.js';

/** What a value of a cursor's key has to be: it goes into SQL as that. */
export type CursorPart = 'text' | 'time' | 'uuid' | 'integer';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const IS_PART: Record<CursorPart, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string' && isStorable(value),
  time: (value) => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value)),
  uuid: (value) => typeof value === 'string' && UUID.test(value),
  integer: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
};

/**
 * Packs the sort key of a page's last row, so that the next page starts after it (keyset paging).
 * @param sort the order the key belongs to, for example `-opened_at`
 * @param key the sort values of the last row, the unique one last
 */
export function encodeCursor(sort: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([sort, ...key])).toString('base64url');
}

/**
 * Unpacks a cursor that a client sent back.
 * @param cursor as the client sent it
 * @param sort the order this request asks for
 * @param parts what each value of the key is
 * @returns the sort values of the last row of the page before
 * @throws AppError `invalid_cursor` where it is not ours, or belongs to another order
 */
export function decodeCursor(cursor: string, sort: string, parts: readonly CursorPart[]): (string | number)[] {
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
  if (!Array.isArray(parsed) || parsed.length !== parts.length + 1 || parsed[0] !== sort) throw refusal;
  const key: unknown[] = parsed.slice(1);
  if (!parts.every((part, index) => IS_PART[part](key[index]))) throw refusal;
  return key as (string | number)[];
}
