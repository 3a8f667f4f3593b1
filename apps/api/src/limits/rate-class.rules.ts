import type { RateClass } from '#platform';

const CLASSES: readonly [method: RegExp, path: RegExp, kind: RateClass][] = [
  [/./, /^\/agent\/v1\//, 'agent'],
  [/^POST$/, /^\/api\/v1\/validate\/?$/, 'validate'],
  [/./, /^\/api\/v1\/(?:exports|reports|evidence-packs)(?:\/|$)/, 'export'],
  // Writing policies compiles them, and trying them runs them.
  [/^(?:POST|PATCH)$/, /^\/api\/v1\/policies(?:\/|$)/, 'author'],
];

/**
 * @param method of the request
 * @param path as it came; case does not matter, as in Express's own routing
 * @returns by which limit the request is counted
 */
export function rateClassOf(method: string, path: string): RateClass {
  const lower = path.toLowerCase();
  return CLASSES.find(([methods, paths]) => methods.test(method) && paths.test(lower))?.[2] ?? 'other';
}
