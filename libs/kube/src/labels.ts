import type { JsonObject } from '#kernel';
import { objectField } from './gvk.js';

/**
 * @param object one Kubernetes object
 * @returns its labels; an empty value is one, what is no text is none
 */
export function labelsOf(object: JsonObject): Record<string, string> {
  const labels = objectField(objectField(object, 'metadata'), 'labels') ?? {};
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
