import { isJsonObject, type Json, type JsonObject } from '#kernel';

/** What the policies are given to judge (E3, E6). */
export interface Review {
  kind: { group: string; version: string; kind: string };
  name: string;
  /** The effective namespace; absent on cluster-scoped objects. */
  namespace?: string;
  object: JsonObject;
  namespaceObject?: JsonObject;
  [admission: string]: unknown;
}

/** One object and the policies that judge it: the keys of `params`, each with its merged parameters (`{}` if none). */
export interface EvaluationRequest {
  review: Review;
  params: Record<string, JsonObject>;
  /** Per policy, the objects that were found for each of its relations; a relation that is not resolved is absent. */
  related?: Record<string, Record<string, JsonObject[]>>;
  context?: JsonObject;
}

/** One RFC 6902 operation from the object's root. */
export interface FixOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: Json;
}

/** One place where an object is not as a policy wants it. */
export interface Finding {
  /** Dotted from the object's root: `spec.template.spec.containers[1].image`. */
  path: string;
  /** Absent where the finding is sensitive (V3). */
  found?: Json;
  expected: Json;
  message: string;
  container?: string;
  sensitive?: boolean;
  fix?: FixOperation[];
}

export type VerdictKind = 'pass' | 'fail' | 'error' | 'skipped' | 'not_applicable';

export interface PolicyVerdict {
  policy: string;
  verdict: VerdictKind;
  /** Why it was skipped, is not applicable, or went wrong; several reasons are joined by `; `. */
  reason?: string;
  /** In the order of their paths; empty unless the verdict is `fail`. */
  findings: Finding[];
  /** Settles all findings at once: the policy passed with it. Only where it was asked for, and each of them has a fix. */
  patch?: FixOperation[];
}

/**
 * What becomes of a policy's fixes: each finding's is tried, so that none is shown that doesn't work, or all that settle a
 * verdict together are tried as one patch too.
 */
export type FixTrial = 'each' | 'whole';

/**
 * @param policy slug
 * @param reason what went wrong, for a person
 */
export function errorVerdict(policy: string, reason: string): PolicyVerdict {
  return { policy, verdict: 'error', reason, findings: [] };
}

/**
 * Turns a policy's raw answer into its verdict (E5): any violation fails; else any skipped; else any not applicable;
 * else it passes. A malformed answer is an error, never a pass.
 * @param policy slug
 * @param answer `{violation, skipped?, not_applicable?}` as the module gave it; undefined where it gave none
 */
export function verdictOf(policy: string, answer: unknown): PolicyVerdict {
  if (!isJsonObject(answer)) return errorVerdict(policy, 'the policy gave no answer');
  const violations = answer['violation'];
  if (Array.isArray(violations) && violations.length > 0) return failVerdict(policy, violations);
  for (const verdict of ['skipped', 'not_applicable'] as const) {
    const reasons = answer[verdict];
    if (!Array.isArray(reasons) || reasons.length === 0) continue;
    if (!reasons.every((reason) => typeof reason === 'string')) {
      return errorVerdict(policy, `malformed answer: each member of ${verdict} is to be a text`);
    }
    return { policy, verdict, reason: reasons.toSorted().join('; '), findings: [] };
  }
  return { policy, verdict: 'pass', findings: [] };
}

function failVerdict(policy: string, violations: Json[]): PolicyVerdict {
  const findings: Finding[] = [];
  for (const violation of violations) {
    const wrong = malformation(violation);
    if (wrong !== undefined) return errorVerdict(policy, `malformed finding: ${wrong}`);
    findings.push(asFinding(violation as unknown as Finding));
  }
  return { policy, verdict: 'fail', findings: findings.sort(byPlace) };
}

const KNOWN_KEYS = new Set(['path', 'found', 'expected', 'message', 'container', 'sensitive', 'fix']);
const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

function malformation(violation: Json): string | undefined {
  if (!isJsonObject(violation)) return 'it is not an object';
  for (const key of ['path', 'message']) {
    if (typeof violation[key] !== 'string') return `${key} is missing or not a text`;
  }
  if (violation['expected'] === undefined) return 'expected is missing';
  if (violation['found'] === undefined && violation['sensitive'] !== true) return 'found is missing';
  if (!['string', 'undefined'].includes(typeof violation['container'])) return 'container is not a text';
  if (!['boolean', 'undefined'].includes(typeof violation['sensitive'])) return 'sensitive is neither true nor false';
  if (violation['fix'] !== undefined && !isPatch(violation['fix'])) return 'fix is not a list of RFC 6902 operations';
  const unknown = Object.keys(violation).find((key) => !KNOWN_KEYS.has(key));
  return unknown === undefined ? undefined : `unknown key ${unknown}`;
}

function isPatch(value: Json): boolean {
  if (!Array.isArray(value)) return false;
  return value.every(
    (operation) =>
      isJsonObject(operation) && OPERATIONS.has(String(operation['op'])) && typeof operation['path'] === 'string',
  );
}

function asFinding(violation: Finding): Finding {
  if (violation.sensitive !== true) return violation;
  const { found: _withheld, ...rest } = violation;
  return rest;
}

function byPlace(a: Finding, b: Finding): number {
  return order(a.path, b.path) || order(a.message, b.message);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
