import { hash } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * Tells an object from every other JSON value.
 * @param value any JSON value, or undefined
 */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Sets a key that came from outside: `__proto__` becomes a key like any other instead of the object's prototype.
 * @param target a fresh object
 * @param key as it was written
 * @param value its value
 */
export function setKey(target: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/**
 * A copy that shares nothing with the value; several times as fast as `structuredClone`.
 * @param value a JSON value that nests no deeper than objects of Kubernetes do
 */
export function copyJson<Value extends Json>(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => copyJson(item)) as Value;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setKey(copy, key, copyJson(value[key] ?? null));
  return copy as Value;
}

/**
 * @param keys from the root
 * @returns the place as an RFC 6901 pointer
 */
export function jsonPointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * One text for one value, whatever the order its keys were written in (RFC 8785, JSON Canonicalization Scheme).
 * @param value a JSON value; keys that are undefined are left out
 * @returns JSON text with keys in UTF-16 order and no white space
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const record = value as Record<string, unknown>;
  const members: string[] = [];
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/**
 * @param data text (as UTF-8) or bytes
 * @returns the 32 bytes of SHA-256
 */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

/**
 * @param data text (as UTF-8) or bytes
 * @returns SHA-256 in lower-case hexadecimal, 64 characters
 */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/**
 * Whether a value is nested deeper than is worth reading; counts without recursion, so that no depth can hurt.
 * @param value any JSON value
 * @param limit levels of objects and lists
 */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const inner = level.filter((item): item is object => typeof item === 'object' && item !== null);
    if (inner.length > 0 && depth >= limit) return true;
    level = inner.flatMap((item): unknown[] => Object.values(item));
  }
  return false;
}
