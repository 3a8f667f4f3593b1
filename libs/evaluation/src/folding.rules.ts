import { canonicalJson, sha256, type JsonObject } from '#kernel';
import type { Finding } from '#engine';
import { podTemplateOf } from '#kube';
import type { JudgedPair } from './reconcile.rules.js';

/** What the controller at the top of an owned object's chain fails in, by check. */
export interface FoldTarget {
  objectId: string;
  /** The controller itself, for the place of its pod template. */
  object: JsonObject;
  failing: ReadonlyMap<number, readonly Finding[]>;
}

const CONTAINER_INDEX = /^(containers|initContainers|ephemeralContainers)\[\d+\]/;

/**
 * Folds an owned object's failing checks into its controller, where the controller fails in the same check, container
 * and field (V4): what the template says is said once. Any finding beyond that keeps the violation the object's own.
 * @param object the owned one
 * @param pairs its checks, judged
 * @param target its controller; only one whose pod template is found folds anything
 */
export function foldInto(
  object: JsonObject,
  pairs: readonly JudgedPair[],
  target: FoldTarget | undefined,
): JudgedPair[] {
  if (target === undefined || podTemplateOf(target.object) === undefined) return [...pairs];
  return pairs.map((pair) => {
    const above = target.failing.get(pair.checkId);
    if (pair.verdict !== 'fail' || above === undefined) return pair;
    const said = new Set(above.map((finding) => placeOf(target.object, finding)));
    const folded = pair.findings.every((finding) => said.has(placeOf(object, finding)));
    return folded ? { ...pair, verdict: 'folded' as const, findings: [] } : pair;
  });
}

/**
 * @param target of an owned object, undefined where its chain does not resolve
 * @returns what its folding depends on: a part of its memo
 */
export function foldKey(target: FoldTarget | undefined): string | null {
  if (target === undefined) return null;
  const failing = [...target.failing]
    .sort(([a], [b]) => a - b)
    .map(([checkId, findings]) => [checkId, findings.map((finding) => placeOf(target.object, finding))]);
  return sha256(canonicalJson([target.objectId, failing])).toString('hex');
}

/** Where a finding lies, the same in a pod and in the template it came from: by container name, not index. */
function placeOf(object: JsonObject, { path, container }: Finding): string {
  const prefix = podTemplateOf(object)?.path;
  if (prefix === undefined || !path.startsWith(`${prefix}.`)) return canonicalJson([null, path, container ?? null]);
  const inside = path.slice(prefix.length + 1);
  return canonicalJson([
    'pod',
    container === undefined ? inside : inside.replace(CONTAINER_INDEX, '$1[]'),
    container ?? null,
  ]);
}
