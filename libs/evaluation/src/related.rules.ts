import { isJsonObject, type Json, type JsonObject } from '#kernel';
import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { gvkOf, kindMatches } from '#kube';

/** Where other objects are found: the inventory, or what was posted. */
export interface RelatedSource {
  /** Whether everything is known that there is: an inventory, or a posted set over a named cluster's. */
  complete: boolean;
  /** Objects of a namespace; the empty one has the cluster-scoped. */
  inNamespace(namespace: string): readonly JsonObject[];
}

/**
 * Finds the objects that a policy looks at beside the one it judges, cut to the fields it declares (E7).
 * @param metadata of the policy
 * @param namespace of the judged object
 * @param source where to look
 * @returns by relation; the same objects in the same order give the same memo
 */
export function resolveRelated(
  metadata: Pick<PolicyMetadata, 'related'>,
  namespace: string,
  source: RelatedSource,
): Record<string, JsonObject[]> {
  const found: Record<string, JsonObject[]> = {};
  for (const declaration of metadata.related) {
    if (declaration.select !== 'same_namespace') continue;
    const kinds = kindsOf(declaration);
    const objects = source.inNamespace(namespace).filter((object) => isOfKind(object, kinds));
    // Nothing posted is not the same as nothing there: the policy says what it assumed.
    if (objects.length === 0 && !source.complete) continue;
    found[declaration.name] = objects.map((object) => project(object, declaration.fields));
  }
  return found;
}

/**
 * @param policies whose verdicts may depend on other objects; those without metadata depend on none
 * @returns the kinds of these objects without their group, each once
 */
export function relatedKinds(policies: Iterable<Pick<PolicyMetadata, 'related'> | undefined>): string[] {
  const kinds = [...policies].flatMap((metadata) => metadata?.related.flatMap(kindsOf) ?? []);
  return [...new Set(kinds.map((kind) => kind.slice(kind.lastIndexOf('/') + 1)))];
}

function kindsOf({ kind }: RelatedDeclaration): string[] {
  return typeof kind === 'string' ? [kind] : kind;
}

function isOfKind(object: JsonObject, kinds: readonly string[]): boolean {
  const gvk = gvkOf(object);
  return gvk !== undefined && kinds.some((kind) => kindMatches(kind, gvk, object));
}

/** Keeps only the declared fields, so that nothing else can change a verdict or its memo. */
function project(object: JsonObject, fields: Json | undefined): JsonObject {
  if (!Array.isArray(fields)) return object;
  const cut: JsonObject = {};
  for (const field of fields) if (typeof field === 'string') copyField(object, cut, field.split('.'));
  return cut;
}

function copyField(from: JsonObject, to: JsonObject, [key, ...rest]: string[]): void {
  if (key === undefined || !Object.hasOwn(from, key)) return;
  const value = from[key] ?? null;
  if (rest.length === 0) {
    to[key] = value;
  } else if (isJsonObject(value)) {
    const inner = Object.hasOwn(to, key) && isJsonObject(to[key]) ? to[key] : {};
    to[key] = inner;
    copyField(value, inner, rest);
  }
}
