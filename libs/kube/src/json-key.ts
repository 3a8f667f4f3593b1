import type { Json, JsonObject } from '#kernel';

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
 * Names a value's type as a message to a person does: `string "false"`, `number 3`, `a list`.
 * @param value any JSON value
 */
export function describeValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') {
    return `string ${JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value)}`;
  }
  return `${typeof value} ${String(value)}`;
}

const MAX_SHOWN = 60;
