import type { JsonObject } from '#kernel';
import { objectField, scopeOf, stringField, type GroupVersionKind } from './gvk.js';
import { isPodSpecKind, podTemplateOf } from './pod-spec.js';

/** LIBRARY.md's L: kinds whose pods run until somebody ends them. A Pod is one by its restartPolicy. */
const LONG_RUNNING: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  'extensions/Deployment',
  'extensions/DaemonSet',
  'extensions/ReplicaSet',
  '/ReplicationController',
  'apps.openshift.io/DeploymentConfig',
  'argoproj.io/Rollout',
]);

type KindClass = (gvk: Pick<GroupVersionKind, 'group' | 'kind'>, object: JsonObject | undefined) => boolean;

const CLASSES: ReadonlyMap<string, KindClass> = new Map<string, KindClass>([
  [
    '@pod-spec',
    (gvk, object) =>
      isPodSpecKind(gvk.group, gvk.kind) || (object !== undefined && podTemplateOf(object) !== undefined),
  ],
  ['@long-running', isLongRunning],
  [
    '@namespaced',
    (gvk, object) => {
      const { scope, assumed } = scopeOf(gvk, stringField(objectField(object, 'metadata'), 'namespace') !== undefined);
      // A kind that nobody knows may be namespaced: the policy is asked, and says that it can't tell.
      return scope === 'Namespaced' || assumed;
    },
  ],
]);

function isLongRunning(gvk: Pick<GroupVersionKind, 'group' | 'kind'>, object: JsonObject | undefined): boolean {
  if (gvk.group === '' && gvk.kind === 'Pod') {
    return (stringField(objectField(object, 'spec'), 'restartPolicy') ?? 'Always') === 'Always';
  }
  return LONG_RUNNING.has(`${gvk.group}/${gvk.kind}`);
}

/** @returns whether a kind is named by a class, which only the object itself may show to be meant */
export function isKindClass(pattern: string): boolean {
  return pattern.startsWith('@');
}

/**
 * Matches text against a pattern in which `*` stands for any run of characters and `?` for one. Linear in practice and
 * never exponential: it backtracks only to the last `*`.
 * @param pattern the glob; matched as a whole, letters by case
 * @param text what is matched
 */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.length && pattern[p] === '*') p++;
  return p === pattern.length;
}

/**
 * Whether a kind is meant by a pattern of a target or of a policy's metadata (DESIGN.md F2): `Kind` in any group,
 * `group/Kind` (core is the empty group or `core`), globs in both, and the classes `@pod-spec`, `@long-running` and
 * `@namespaced`. A version between group and kind is not part of the language.
 * @param pattern as written in the target or the metadata
 * @param gvk the kind that is asked about
 * @param object the object itself: only with it are custom kinds with a pod template seen as `@pod-spec`, a Pod's
 *   restartPolicy as `@long-running`, and an unknown kind's namespace as `@namespaced`
 */
export function kindMatches(
  pattern: string,
  gvk: Pick<GroupVersionKind, 'group' | 'kind'>,
  object?: JsonObject,
): boolean {
  if (isKindClass(pattern)) return CLASSES.get(pattern)?.(gvk, object) ?? false;
  const slash = pattern.lastIndexOf('/');
  if (slash < 0) return globMatches(pattern, gvk.kind);
  const group = pattern.slice(0, slash);
  return globMatches(group === 'core' ? '' : group, gvk.group) && globMatches(pattern.slice(slash + 1), gvk.kind);
}
