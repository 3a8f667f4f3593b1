import { ENFORCEMENTS, type Enforcement, type JsonObject, type Severity } from '#kernel';
import { kindMatches } from '#kube';
import {
  asksForNamespaceLabels,
  originMatches,
  type OriginFacts,
  type TargetCondition,
  targetMatches,
  type TargetSubject,
} from './target.rules.js';

/** One policy under one name in a binding, with everything that its verdict depends on. */
export interface BindingItem {
  /** Number of the check (policy × instance) in the organization. */
  checkId: number;
  policyId: string;
  slug: string;
  instance: string;
  title: string;
  version: number;
  severity: Severity;
  category: string;
  /** Kinds that the policy judges, as its metadata says them. */
  kinds: readonly string[];
  /** Complete: the schema's defaults, the set's and the binding's values merged. */
  parameters: JsonObject;
  origin: 'builtin' | 'custom' | 'imported';
  /** Of a built-in policy that a binding keeps at an earlier release: digest of that release's module, in hexadecimal. */
  module?: string | undefined;
  /** Why it is not run any more (H2). */
  quarantine?: string | undefined;
}

/** A binding as the decision sees it. */
export interface EffectiveBinding {
  bindingId: string;
  name: string;
  condition: TargetCondition;
  enforcement: Enforcement;
  onError: 'deny' | undefined;
  priority: number;
  activeFrom: Date;
  /** Whether one of its triggers makes the present use look: they choose what is looked at, never the verdict (F1). */
  looks: boolean;
  items: readonly BindingItem[];
}

/** One check on one object, after all bindings that match were merged. */
export interface EffectiveCheck extends BindingItem {
  enforcement: Enforcement;
  /** Ids of the bindings it comes from, the deciding one first. */
  bindings: string[];
}

/**
 * Merges all bindings that match an object, per check: the strongest enforcement; parameters, version and severity of
 * the highest priority, then of the newest (F1). A check that none of them makes anybody look at is left out.
 * @param bindings of the organization, in any order
 * @param origin what is known of where the object comes from
 * @param subject the object
 * @param object the object itself, for kind classes that look at it
 * @returns one entry a check, by check number
 */
export function effectiveChecks(
  bindings: readonly EffectiveBinding[],
  origin: OriginFacts,
  subject: TargetSubject,
  object: JsonObject,
): EffectiveCheck[] {
  const merged = new Map<number, EffectiveCheck>();
  const lookedAt = new Set<number>();
  const judges = kindMatcher(subject, object);
  for (const binding of [...bindings].sort(comparePrecedence)) {
    if (!targetMatches(binding.condition, origin, subject)) continue;
    for (const item of binding.items) {
      if (!item.kinds.some(judges)) continue;
      if (binding.looks) lookedAt.add(item.checkId);
      const present = merged.get(item.checkId);
      if (present === undefined) {
        merged.set(item.checkId, { ...item, enforcement: binding.enforcement, bindings: [binding.bindingId] });
      } else {
        present.enforcement = strongest(present.enforcement, binding.enforcement);
        present.bindings.push(binding.bindingId);
      }
    }
  }
  return [...merged.values()].filter(({ checkId }) => lookedAt.has(checkId)).sort((a, b) => a.checkId - b.checkId);
}

/**
 * Bindings that a validation can't apply, because nobody said what it is for: which cluster, which repository, and what
 * labels the namespaces have (F4).
 * @param bindings of the organization; those that look are meant
 * @param origin what was posted of it
 * @param unknownNamespaces of posted objects, that neither post nor inventory has
 */
export function notConsidered(
  bindings: readonly EffectiveBinding[],
  origin: OriginFacts,
  unknownNamespaces: readonly string[],
): { binding: string; reason: string }[] {
  return bindings.flatMap(({ name, condition, looks }) => {
    if (!looks) return [];
    const match = originMatches(condition, origin);
    if (!match.matches)
      return match.missing.length === 0 ? [] : [{ binding: name, reason: `needs ${match.missing.join(', ')}` }];
    if (!asksForNamespaceLabels(condition) || unknownNamespaces.length === 0) return [];
    return [{ binding: name, reason: `needs labels of namespace ${unknownNamespaces.join(', ')}` }];
  });
}

/** A hundred policies name a handful of kinds between them: each is held against the object once. */
function kindMatcher(subject: TargetSubject, object: JsonObject): (kind: string) => boolean {
  const known = new Map<string, boolean>();
  return (kind) => {
    const answer = known.get(kind) ?? kindMatches(kind, subject.gvk, object);
    known.set(kind, answer);
    return answer;
  };
}

/**
 * Whose parameters, version and severity count where both match (F1).
 * @returns below 0 where the first does: its priority is higher, or it is newer
 */
export function comparePrecedence(a: EffectiveBinding, b: EffectiveBinding): number {
  return (
    b.priority - a.priority || b.activeFrom.getTime() - a.activeFrom.getTime() || (a.bindingId < b.bindingId ? -1 : 1)
  );
}

function strongest(a: Enforcement, b: Enforcement): Enforcement {
  return ENFORCEMENTS.indexOf(a) >= ENFORCEMENTS.indexOf(b) ? a : b;
}
