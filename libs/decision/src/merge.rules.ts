import { ENFORCEMENTS, type Enforcement, type JsonObject, type Severity } from '#kernel';
import { isKindClass, kindMatches } from '#kube';
import {
  asksForNamespaceLabels,
  objectMatches,
  originMatches,
  type OriginFacts,
  type TargetCondition,
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

/** Objects that bindings say different things of are few kinds and places; posted ones may be of any. */
const MERGED_MAX = 1_000;

/** What an organization's bindings say of objects from one place, worked out once for all that they say the same of. */
export class BoundChecks {
  private readonly bindings: readonly EffectiveBinding[];
  /** Kinds in the words of policies that have to look at the object itself to tell. */
  private readonly classes: readonly string[];
  private readonly merged = new Map<string, readonly EffectiveCheck[]>();

  /**
   * @param bindings of the organization, in any order
   * @param origin what is known of where the objects come from
   */
  constructor(bindings: readonly EffectiveBinding[], origin: OriginFacts) {
    this.bindings = bindings
      .filter(({ condition }) => originMatches(condition, origin).matches)
      .sort(comparePrecedence);
    const kinds = this.bindings.flatMap(({ items }) => items.flatMap((item) => item.kinds));
    this.classes = [...new Set(kinds.filter(isKindClass))];
  }

  /**
   * Merges all bindings that match an object, per check: the strongest enforcement; parameters, version and severity of
   * the highest priority, then of the newest (F1). A check that none of them makes anybody look at is left out.
   * @param subject the object
   * @param object the object itself, for kind classes that look at it
   * @returns one entry a check, by check number; the same list for objects of which the same is said
   */
  of(subject: TargetSubject, object: JsonObject): readonly EffectiveCheck[] {
    const matching = this.bindings.filter(({ condition }) => objectMatches(condition, subject));
    const { group, kind } = subject.gvk;
    const classes = this.classes.map((name) => (kindMatches(name, subject.gvk, object) ? '1' : '0')).join('');
    const key = JSON.stringify([group, kind, classes, ...matching.map(({ bindingId }) => bindingId)]);
    const known = this.merged.get(key);
    if (known !== undefined) return known;
    if (this.merged.size >= MERGED_MAX) this.merged.clear();
    const checks = merge(matching, kindMatcher(subject, object));
    this.merged.set(key, checks);
    return checks;
  }
}

/** @param bindings the strongest in precedence first */
function merge(bindings: readonly EffectiveBinding[], judges: (kind: string) => boolean): EffectiveCheck[] {
  const merged = new Map<number, EffectiveCheck>();
  const lookedAt = new Set<number>();
  for (const binding of bindings) {
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
