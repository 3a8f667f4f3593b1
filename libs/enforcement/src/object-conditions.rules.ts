import type { LabelSelector, ObjectCondition } from '#decision';

/**
 * Both conditions as one. Lists are taken by their letters: of globs only the same ones are common to both.
 * @returns undefined where they rule each other out
 */
export function both(one: ObjectCondition, other: ObjectCondition): ObjectCondition | undefined {
  const kinds = common(one.kinds, other.kinds);
  const names = common(one.names, other.names);
  const include = common(one.namespaces?.include, other.namespaces?.include);
  const scopes = common(one.scope && [one.scope], other.scope && [other.scope]);
  if ([kinds, names, include, scopes].some((list) => list?.length === 0)) return undefined;
  const labels = selectorOfBoth(one.label_selector, other.label_selector);
  const ofNamespace = selectorOfBoth(one.namespace_selector, other.namespace_selector);
  return {
    ...(scopes?.[0] && { scope: scopes[0] }),
    ...(kinds && { kinds }),
    ...(names && { names }),
    ...(include && { namespaces: { include } }),
    ...(labels && { label_selector: labels }),
    ...(ofNamespace && { namespace_selector: ofNamespace }),
  };
}

/**
 * @param groups of each of which one condition has to hold
 * @returns of which one has to hold; none where nothing can meet them all
 */
export function oneOfEach(groups: readonly (readonly ObjectCondition[])[]): ObjectCondition[] {
  return groups.reduce<ObjectCondition[]>(
    (held, group) => held.flatMap((one) => group.flatMap((other) => both(one, other) ?? [])),
    [{}],
  );
}

/** @returns undefined where neither asks */
function common<Text extends string>(
  one: readonly Text[] | undefined,
  other: readonly Text[] | undefined,
): Text[] | undefined {
  const either = one ?? other;
  return either?.filter((text) => one?.includes(text) !== false && other?.includes(text) !== false);
}

function selectorOfBoth(one: LabelSelector | undefined, other: LabelSelector | undefined): LabelSelector | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { matchExpressions: [...expressionsOf(one), ...expressionsOf(other)] };
}

/** Two may ask for one label, which a map can’t hold twice. */
function expressionsOf({
  matchLabels,
  matchExpressions,
}: LabelSelector): NonNullable<LabelSelector['matchExpressions']> {
  const equal = Object.entries(matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'In' as const,
    values: [value],
  }));
  return [...equal, ...(matchExpressions ?? [])];
}
