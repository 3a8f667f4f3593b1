import { v5, v7 } from 'uuid';
import { AppError } from './errors.js';

/** What an id names, by the prefix people see. */
export const ID_PREFIXES = {
  organization: 'org',
  cluster: 'cls',
  object: 'obj',
  policy: 'pol',
  policySet: 'pst',
  target: 'tgt',
  trigger: 'trg',
  binding: 'bnd',
  apiKey: 'key',
  agent: 'agt',
  run: 'run',
  validation: 'val',
  violation: 'vio',
  waiver: 'wvr',
  event: 'evt',
  gitSource: 'gits',
  gitCheck: 'gitc',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TEXT_LENGTH = 26;
/** Ten bits are two letters: exports write ids by the million. */
const PAIRS = [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));

/**
 * @param uuid a UUID in its usual text form
 * @returns 26 Crockford base32 characters that sort as the UUID does
 */
export function base32Id(uuid: string): string {
  const hex = uuid.replaceAll('-', '');
  // 130 bits in all: two that are zero and the first eight, then six times twenty.
  let text = PAIRS[Number.parseInt(hex.slice(0, 2), 16)] ?? '';
  for (let at = 2; at < hex.length; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    text += `${PAIRS[bits >> 10]}${PAIRS[bits & 1023]}`;
  }
  return text;
}

/**
 * @param text 26 Crockford base32 characters of either case
 * @returns the UUID in its usual text form, or null where the text is none
 */
export function parseBase32Id(text: string): string | null {
  if (text.length !== TEXT_LENGTH) return null;
  let value = 0n;
  for (const letter of text.toUpperCase()) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return null;
    value = (value << 5n) | BigInt(digit);
  }
  if (value >> 128n !== 0n) return null;
  return value
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Writes a UUID as people see it: `cls_01J…`.
 * @param kind what the id names
 * @param uuid a UUID in its usual text form
 */
export function publicId(kind: IdKind, uuid: string): string {
  return `${ID_PREFIXES[kind]}_${base32Id(uuid)}`;
}

/**
 * Reads an id back; null where the text is no id of that kind, so that callers answer 404, never 500.
 * @param kind what the id should name
 * @param text as a client sent it; letters of either case
 * @returns the UUID in its usual text form, or null
 */
export function parsePublicId(kind: IdKind, text: string): string | null {
  const prefix = `${ID_PREFIXES[kind]}_`;
  return text.startsWith(prefix) ? parseBase32Id(text.slice(prefix.length)) : null;
}

/**
 * Reads an id from a path; another kind's id, or none at all, is simply not there.
 * @param kind what the id should name
 * @param text as a client sent it
 * @returns the UUID in its usual text form
 * @throws AppError `not_found`
 */
export function requirePublicId(kind: IdKind, text: string): string {
  const uuid = parsePublicId(kind, text);
  if (uuid === null) throw new AppError('not_found', `No ${kind} has the id "${text.slice(0, 80)}".`);
  return uuid;
}

/**
 * @param at milliseconds since 1970, the time part of the id
 * @returns a new UUIDv7
 */
export function uuidV7(at: number): string {
  return v7({ msecs: at });
}

/**
 * @param namespace a UUID
 * @param name any text
 * @returns the UUIDv5 (RFC 9562 §5.5) of the name in that namespace
 */
export function uuidV5(namespace: string, name: string): string {
  return v5(name, namespace);
}
