import { canonicalJson } from '#kernel';
import { comparePrecedence, type BindingItem, type EffectiveBinding, type TargetCondition } from '#decision';

const GLOB = /[*?]/;

/** Two bindings that ask for the same check otherwise, where both can match: one of them is not heard (F1). */
export interface Conflict {
  slug: string;
  instance: string;
  other: { bindingId: string; name: string };
  differs: ('parameters' | 'version')[];
  wins: 'this' | 'other';
  because: 'priority' | 'newer';
}

/**
 * @param binding that is looked at
 * @param others of the organization; itself among them is of no matter
 * @returns its conflicts, by check and name; enforcement is none: the strongest counts
 */
export function conflictsOf(binding: EffectiveBinding, others: readonly EffectiveBinding[]): Conflict[] {
  const conflicts: Conflict[] = [];
  const items = new Map(binding.items.map((item) => [item.checkId, item]));
  for (const other of others) {
    if (other.bindingId === binding.bindingId || !canMeet(binding.condition, other.condition)) continue;
    for (const item of other.items) {
      const own = items.get(item.checkId);
      if (own === undefined) continue;
      const differs = differences(own, item);
      if (differs.length === 0) continue;
      conflicts.push({
        slug: item.slug,
        instance: item.instance,
        other: { bindingId: other.bindingId, name: other.name },
        differs,
        wins: comparePrecedence(binding, other) < 0 ? 'this' : 'other',
        because: binding.priority === other.priority ? 'newer' : 'priority',
      });
    }
  }
  return conflicts;
}

function differences(one: BindingItem, other: BindingItem): Conflict['differs'] {
  const differs: Conflict['differs'] = [];
  if (parametersOf(one) !== parametersOf(other)) differs.push('parameters');
  if (one.version !== other.version) differs.push('version');
  return differs;
}

const parameters = new WeakMap<BindingItem, string>();

/** An item is held against those of all other bindings: its parameters are written out once. */
function parametersOf(item: BindingItem): string {
  const text = parameters.get(item) ?? canonicalJson(item.parameters);
  parameters.set(item, text);
  return text;
}

/**
 * Whether two targets can mean the same object. Only what plainly rules it out counts: different clusters, environments,
 * scopes, or lists of names that have no glob and nothing in common.
 */
function canMeet(one: TargetCondition, other: TargetCondition): boolean {
  if (one.scope !== undefined && other.scope !== undefined && one.scope !== other.scope) return false;
  const lists = [
    [one.clusters?.ids, other.clusters?.ids],
    [one.clusters?.environments, other.clusters?.environments],
    [one.namespaces?.include, other.namespaces?.include],
    [one.names, other.names],
    [one.repositories, other.repositories],
  ];
  return (
    lists.every(([first, second]) => haveCommon(first, second, mayMeet)) &&
    haveCommon(one.kinds, other.kinds, kindsMeet)
  );
}

function haveCommon(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
  meet: (a: string, b: string) => boolean,
): boolean {
  if (one === undefined || other === undefined) return true;
  return one.some((a) => other.some((b) => meet(a, b)));
}

function mayMeet(a: string, b: string): boolean {
  return a === b || GLOB.test(a) || GLOB.test(b);
}

/** `Kind` in any group meets `group/Kind`. */
function kindsMeet(a: string, b: string): boolean {
  const [kindA = '', groupA] = a.split('/').reverse();
  const [kindB = '', groupB] = b.split('/').reverse();
  return mayMeet(kindA, kindB) && (groupA === undefined || groupB === undefined || mayMeet(groupA, groupB));
}
