import type { JsonObject } from '#kernel';
import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { globMatches, identityKey, indexKeys, objectField, type ObjectIdentity } from '#kube';
import { compareIdentities, isOfKind, type KnownObject, type RelatedSource } from './known-objects.js';
import { isNamed, namesTooMany, referencesOf } from './object-references.rules.js';
import { cutTo } from './related-fields.rules.js';
import { kindsOf, type LabelledPath, selectOf } from './related-select.rules.js';

/** Of the objects that share a key, the first in the order of their identities are shown to a policy. */
export const SHARING_MAX = 200;
/** More than this in one namespace can't be shown for each object of it: the relation counts as not resolved. */
export const NAMESPACE_MAX = 1_000;

/**
 * Finds the objects that a policy looks at beside the one it judges, cut to the fields it declares (E7).
 * @param metadata of the policy
 * @param judged the object that is judged
 * @param source where to look
 * @returns by relation; one that can't be resolved is absent. The same objects give the same memo
 */
export function resolveRelated(
  metadata: Pick<PolicyMetadata, 'related'>,
  judged: KnownObject,
  source: RelatedSource,
): Record<string, JsonObject[]> {
  const found: Record<string, JsonObject[]> = {};
  for (const declaration of metadata.related) {
    if (declaration.need === 'complete' && source.known !== 'all') continue;
    const objects = shownTo(declaration, judged, source);
    if (objects !== undefined) found[declaration.name] = objects;
  }
  return found;
}

/** Of all objects of some kinds, no more than this is shown: else the relation counts as not resolved. */
export const INVENTORY_MAX = 5_000;
/**
 * And no longer than this as JSON, in characters: 29 MiB of the 64 MiB that an evaluation has, and 100 to 140 ms of its
 * second (measured, two shared cores), so that the policy has the rest.
 */
export const INVENTORY_CHARACTERS_MAX = 8 * 1024 * 1024;

/** What there is of some kinds is the same for all that is judged beside it: it is cut and measured once. */
const shownEverywhere = new WeakMap<
  readonly KnownObject[],
  WeakMap<RelatedDeclaration, { objects: JsonObject[] | undefined }>
>();

/** What lies in a namespace is the same for all that is judged there: it is looked out and cut once. */
const shownInNamespace = new WeakMap<
  RelatedSource,
  WeakMap<RelatedDeclaration, Map<string, JsonObject[] | undefined>>
>();

function shownTo(
  declaration: RelatedDeclaration,
  judged: KnownObject,
  source: RelatedSource,
): JsonObject[] | undefined {
  const how = selectOf(declaration);
  if (how?.by === 'inventory') return inventoryShown(declaration, how.except, source);
  const shown = (): JsonObject[] | undefined =>
    select(declaration, judged, source)?.map(({ object }) => cutTo(object, declaration.fields));
  if (how?.by !== 'namespace') return shown();
  const ofSource =
    shownInNamespace.get(source) ?? new WeakMap<RelatedDeclaration, Map<string, JsonObject[] | undefined>>();
  const ofDeclaration = ofSource.get(declaration) ?? new Map<string, JsonObject[] | undefined>();
  shownInNamespace.set(source, ofSource.set(declaration, ofDeclaration));
  const namespace = namespaceLookedAt(judged.identity);
  if (!ofDeclaration.has(namespace)) ofDeclaration.set(namespace, shown());
  return ofDeclaration.get(namespace);
}

function inventoryShown(
  declaration: RelatedDeclaration,
  except: readonly string[],
  source: RelatedSource,
): JsonObject[] | undefined {
  const all = source.known === 'all' ? source.everywhere(kindsOf(declaration)) : undefined;
  if (all === undefined) return undefined;
  const ofSource = shownEverywhere.get(all) ?? new WeakMap<RelatedDeclaration, { objects: JsonObject[] | undefined }>();
  shownEverywhere.set(all, ofSource);
  const known = ofSource.get(declaration);
  if (known !== undefined) return known.objects;
  const objects = all
    .filter(({ identity }) => !except.some((glob) => globMatches(glob, namespaceLookedAt(identity))))
    .map((one) => cutTo(withNamespace(one), declaration.fields));
  const fits = objects.length <= INVENTORY_MAX && JSON.stringify(objects).length <= INVENTORY_CHARACTERS_MAX;
  const shown = { objects: fits ? objects : undefined };
  ofSource.set(declaration, shown);
  return shown.objects;
}

/** What was posted may leave its namespace to the request: a policy that finds objects by it is told. */
function withNamespace({ identity, object }: KnownObject): JsonObject {
  if (identity.namespace === '') return object;
  const metadata = objectField(object, 'metadata');
  if (metadata?.['namespace'] !== undefined) return object;
  return { ...object, metadata: { ...metadata, namespace: identity.namespace } };
}

/** Nothing found in a part is not the same as nothing there: the policy says what it assumed. */
function select(
  declaration: RelatedDeclaration,
  judged: KnownObject,
  source: RelatedSource,
): KnownObject[] | undefined {
  const how = selectOf(declaration);
  const kinds = kindsOf(declaration);
  if (how === undefined || how.by === 'inventory') return undefined;
  if (how.by === 'reference') {
    if (declaration.need === 'complete' && namesTooMany(judged, how.path)) return undefined;
    const references = referencesOf(judged, how.path);
    const named = references.flatMap((reference) =>
      source.named(reference.name).filter((candidate) => isNamed(candidate, reference, kinds)),
    );
    // Who names nothing misses nothing; of all that there is, what isn't found is missing, and whoever needs all of it
    // judges just that.
    const settled = references.length === 0 || (declaration.need === 'complete' && source.known === 'all');
    return named.length > 0 || settled ? eachOnce(named) : undefined;
  }
  const objects =
    how.by === 'namespace'
      ? source.inNamespace(namespaceLookedAt(judged.identity)).filter((candidate) => isOfKind(candidate, kinds))
      : sharing(how.paths, judged, source, kinds);
  if (objects.length > NAMESPACE_MAX) return undefined;
  // A part that grows by itself is not what the policy asked for: it is asked again when the cluster is listed.
  if (declaration.need === 'present' && how.by === 'namespace' && source.known === 'listed') return undefined;
  return objects.length > 0 || source.known === 'all' ? objects : undefined;
}

function sharing(
  paths: readonly LabelledPath[],
  judged: KnownObject,
  source: RelatedSource,
  kinds: readonly string[],
): KnownObject[] {
  const self = identityKey(judged.identity);
  const keys = new Set(paths.flatMap(({ path }) => indexKeys(judged.object, path)));
  const others = [...keys].flatMap((key) => paths.flatMap((path) => source.sharing(path, key)));
  return eachOnce(others.filter((other) => identityKey(other.identity) !== self && isOfKind(other, kinds))).slice(
    0,
    SHARING_MAX,
  );
}

function eachOnce(objects: readonly KnownObject[]): KnownObject[] {
  return [...new Map(objects.map((known) => [identityKey(known.identity), known])).values()].sort(compareIdentities);
}

/**
 * @param identity of a judged object
 * @returns the namespace that `same_namespace` means: its own; of a Namespace, the one that it is
 */
export function namespaceLookedAt(identity: ObjectIdentity): string {
  return isNamespace(identity) ? identity.name : identity.namespace;
}

/** @returns whether an object is a Namespace */
export function isNamespace({ group, kind }: Pick<ObjectIdentity, 'group' | 'kind'>): boolean {
  return group === '' && kind === 'Namespace';
}
