import { isJsonObject, type Json, type JsonObject } from './json.js';

/** Half a surrogate pair: JSON can write it, UTF-8 and Postgres can't. */
const LONE_SURROGATE = /\p{Cs}/u;
const LONE_SURROGATES = /\p{Cs}/gu;
const REPLACEMENT = '\ufffd';

/**
 * Whether a text can be stored: Postgres takes neither NUL nor half a surrogate pair, in text and in jsonb alike.
 * @param text any
 */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text);
}

/**
 * @param text any
 * @returns the text, with U+FFFD in place of each character that can't be stored
 */
export function mendText(text: string): string {
  return isStorable(text) ? text : text.replaceAll('\0', REPLACEMENT).replace(LONE_SURROGATES, REPLACEMENT);
}

/**
 * Mends every text and every key. What others wrote is kept, and not refused: an object that is not taken is an object
 * that is not judged.
 * @param value any JSON value, nested no deeper than was checked before
 */
export function mendJson(value: JsonObject): JsonObject;
export function mendJson(value: Json): Json;
export function mendJson(value: Json): Json {
  if (typeof value === 'string') return mendText(value);
  if (Array.isArray(value)) return value.map((item) => mendJson(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mendText(key), mendJson(item)]));
}

/**
 * Looks for a text, or a key, that can't be stored.
 * @param value any JSON value, nested no deeper than was checked before
 * @returns the keys that lead to the first one; undefined where all can be stored
 */
export function unstorableAt(value: unknown): string[] | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : [];
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const inner = isStorable(key) ? unstorableAt(item) : [];
    if (inner !== undefined) return [key, ...inner];
  }
  return undefined;
}

/** What is said of it, to whoever sent it. */
export const UNSTORABLE = 'holds NUL or half a surrogate pair, which are no characters';
