import type { JsonObject } from '#kernel';
import { gvkOf, identityKey, indexKeys, kindMatches, type ObjectIdentity } from '#kube';
import type { LabelledPath } from './related-select.rules.js';

export interface KnownObject {
  identity: ObjectIdentity;
  /** Normalised (V3), whole. */
  object: JsonObject;
}

/**
 * How much is known of what there is: `all` of it, what was `listed` until now, or what was `posted`. Only of `all` can it
 * be said that what was not found is not there.
 */
export type Known = 'all' | 'listed' | 'posted';

/** Where other objects are found: the inventory, what was posted, or this over that. Each list in the order of identities. */
export interface RelatedSource {
  known: Known;
  /** Objects of a namespace; the empty one has the cluster-scoped. */
  inNamespace(namespace: string): readonly KnownObject[];
  /** Objects of that name, of any kind, anywhere. */
  named(name: string): readonly KnownObject[];
  /** Objects that hold that key at that path. */
  sharing(path: LabelledPath, key: string): readonly KnownObject[];
  /** All objects of these kinds, the same list whenever it is asked; undefined where they are too many, or not known. */
  everywhere(kinds: readonly string[]): readonly KnownObject[] | undefined;
}

/** All objects of some kinds in a cluster, by those kinds; undefined where they are too many. */
export type OfKinds = ReadonlyMap<string, readonly KnownObject[] | undefined>;

/** @returns one text for the same kinds */
export function kindsKey(kinds: readonly string[]): string {
  return [...kinds].sort().join(' ');
}

/** Objects in memory, found as policies select them; of those with one identity, the last that was given. */
export class KnownObjects implements RelatedSource {
  private readonly objects: readonly KnownObject[];
  private readonly byNamespace: ReadonlyMap<string, KnownObject[]>;
  private readonly byName: ReadonlyMap<string, KnownObject[]>;
  private readonly byPath = new Map<string, ReadonlyMap<string, KnownObject[]>>();
  private readonly overlaid = new Map<string, readonly KnownObject[] | undefined>();

  /**
   * @param known whether there is nothing else
   * @param objects in any order
   * @param ofKinds all of some kinds that there are in the cluster; the objects are laid over them
   */
  constructor(
    readonly known: Known,
    objects: Iterable<KnownObject>,
    private readonly ofKinds: OfKinds = new Map(),
  ) {
    this.objects = lastOfEach(objects);
    this.byNamespace = groupBy(this.objects, ({ identity }) => [identity.namespace]);
    this.byName = groupBy(this.objects, ({ identity }) => [identity.name]);
  }

  inNamespace(namespace: string): readonly KnownObject[] {
    return this.byNamespace.get(namespace) ?? [];
  }

  named(name: string): readonly KnownObject[] {
    return this.byName.get(name) ?? [];
  }

  sharing({ label, path }: LabelledPath, key: string): readonly KnownObject[] {
    const keys = this.byPath.get(label) ?? groupBy(this.objects, ({ object }) => indexKeys(object, path));
    this.byPath.set(label, keys);
    return keys.get(key) ?? [];
  }

  everywhere(kinds: readonly string[]): readonly KnownObject[] | undefined {
    const key = kindsKey(kinds);
    if (!this.overlaid.has(key)) {
      const below = this.ofKinds.get(key);
      const above = this.objects.filter((one) => isOfKind(one, kinds));
      this.overlaid.set(key, below && lastOfEach([...below, ...above]));
    }
    return this.overlaid.get(key);
  }
}

/** Of those with one identity the last, in the order of identities. */
function lastOfEach(objects: Iterable<KnownObject>): KnownObject[] {
  const lasting = new Map<string, KnownObject>();
  for (const one of objects) lasting.set(identityKey(one.identity), one);
  return [...lasting.values()].sort(compareIdentities);
}

/** @returns whether an object is of one of the declared kinds */
export function isOfKind({ identity, object }: KnownObject, kinds: readonly string[]): boolean {
  const gvk = gvkOf(object) ?? { ...identity, version: '' };
  return kinds.some((kind) => kindMatches(kind, gvk, object));
}

/** @returns below 0 where the first comes before: by group, kind, namespace and name */
export function compareIdentities({ identity: a }: KnownObject, { identity: b }: KnownObject): number {
  return (
    compareTexts(a.group, b.group) ||
    compareTexts(a.kind, b.kind) ||
    compareTexts(a.namespace, b.namespace) ||
    compareTexts(a.name, b.name)
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function groupBy(
  objects: readonly KnownObject[],
  keysOf: (known: KnownObject) => readonly string[],
): Map<string, KnownObject[]> {
  const groups = new Map<string, KnownObject[]>();
  for (const known of objects) {
    for (const key of keysOf(known)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [known]);
      else group.push(known);
    }
  }
  return groups;
}
