import type { Json } from '#kernel';

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
