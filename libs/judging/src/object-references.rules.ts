import { isJsonObject, type Json } from '#kernel';
import { type FieldPath, KEYS_MAX, type ObjectIdentity, scopeOf, stringField, valuesAt } from '#kube';
import { isOfKind, type KnownObject } from './known-objects.js';

/** What an object names: by a name alone, or by a reference object. */
export interface ObjectReference {
  /** Undefined where only the policy's declaration says the kind. */
  kind: string | undefined;
  /** Where it is looked for, if its kind lives in namespaces: the reference's own, else the judged object's. */
  namespace: string;
  name: string;
}

/**
 * @param from the object that names others
 * @param path where it does
 * @returns each reference in the order of the document; what is neither a name nor a reference object names nothing.
 *   At most `KEYS_MAX` are read
 */
export function referencesOf(from: KnownObject, path: FieldPath): ObjectReference[] {
  const values = valuesAt(from.object, path).slice(0, KEYS_MAX);
  return values.flatMap((value) => referenceOf(value, from.identity.namespace) ?? []);
}

/**
 * @param from the object that names others
 * @param path where it does
 * @returns whether it names more than `referencesOf` reads
 */
export function namesTooMany(from: KnownObject, path: FieldPath): boolean {
  return valuesAt(from.object, path).length > KEYS_MAX;
}

function referenceOf(value: Json, namespace: string): ObjectReference | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { kind: undefined, namespace, name: value };
  if (!isJsonObject(value)) return undefined;
  const name = stringField(value, 'name');
  if (name === undefined) return undefined;
  return { kind: stringField(value, 'kind'), namespace: stringField(value, 'namespace') ?? namespace, name };
}

/**
 * Whether an object is the one that a reference names. A cluster-scoped object has no namespace to agree in.
 * @param kinds that the policy declares: the reference's own kind has to be among them
 */
export function isNamed(candidate: KnownObject, reference: ObjectReference, kinds: readonly string[]): boolean {
  const { namespace, kind, name } = candidate.identity;
  return (
    name === reference.name &&
    (reference.kind === undefined || kind === reference.kind) &&
    (namespace === '' || namespace === reference.namespace) &&
    isOfKind(candidate, kinds)
  );
}

/**
 * What a reference may mean, where objects can be asked for only by their whole identity.
 * @param reference as the object has it
 * @param kinds that the policy declares, each with the groups that it may be of
 */
export function candidatesOf(
  { kind: named, namespace, name }: ObjectReference,
  kinds: readonly { group: string; kind: string }[],
): ObjectIdentity[] {
  return kinds.flatMap(({ group, kind }): ObjectIdentity[] => {
    if (named !== undefined && named !== kind) return [];
    const { scope, assumed } = scopeOf({ group, kind }, false);
    const places = assumed ? ['', namespace] : [scope === 'Cluster' ? '' : namespace];
    return [...new Set(places)].map((place) => ({ group, kind, namespace: place, name }));
  });
}
