import { isJsonObject, type Json } from '#kernel';
import { describeValue } from './describe-value.js';

/**
 * @param value what a document holds
 * @returns what keeps it from being a Kubernetes object, with what would be right; undefined where nothing does
 */
export function whyNotKubernetes(
  value: Json,
): { code: 'not_an_object' | 'not_kubernetes'; message: string; key?: string } | undefined {
  if (Array.isArray(value)) {
    const message = 'got a list; put the objects under items of a kind: List, or each into a document of its own';
    return { code: 'not_an_object', message };
  }
  if (!isJsonObject(value)) {
    return { code: 'not_an_object', message: `got ${describeValue(value)}; an object has apiVersion and kind` };
  }
  for (const [key, example] of [
    ['apiVersion', '"v1" or "apps/v1"'],
    ['kind', '"Pod" or "Deployment"'],
  ] as const) {
    const found = value[key];
    if (found === undefined || found === null || found === '') {
      return { code: 'not_kubernetes', message: `${key} is missing, for example ${example}` };
    }
    if (typeof found !== 'string') {
      return {
        code: 'not_kubernetes',
        message: `${key} must be a string like ${example}, got ${describeValue(found)}`,
        key,
      };
    }
  }
  return undefined;
}
