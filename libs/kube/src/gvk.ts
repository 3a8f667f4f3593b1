import { isJsonObject, type JsonObject } from '#kernel';
import { builtinNamespaced } from './builtin-kinds.js';

/** What names a kind of object in the API: its group (empty for core), version and kind. */
export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export type Scope = 'Namespaced' | 'Cluster';

/**
 * Splits `apiVersion`: `apps/v1` is group `apps`, version `v1`; `v1` is the core group.
 * @param apiVersion as written
 * @param kind as written
 */
export function parseGvk(apiVersion: string, kind: string): GroupVersionKind {
  const slash = apiVersion.lastIndexOf('/');
  if (slash < 0) return { group: '', version: apiVersion, kind };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

/** @returns the `apiVersion` that an object of this kind carries */
export function apiVersionOf(gvk: GroupVersionKind): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
}

/**
 * @param object any JSON object
 * @returns its group, version and kind; undefined where `apiVersion` or `kind` is no non-empty string
 */
export function gvkOf(object: JsonObject): GroupVersionKind | undefined {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') return undefined;
  return parseGvk(apiVersion, kind);
}

/**
 * Whether a kind lives in namespaces (DESIGN.md F8): the table where it knows the kind; else by the object itself, and
 * a kind that nobody knows, written without a namespace, is taken as cluster-scoped.
 * @param gvk the kind
 * @param hasNamespace whether the object was written with `metadata.namespace`
 * @returns the scope, and whether it was assumed
 */
export function scopeOf(
  gvk: Pick<GroupVersionKind, 'group' | 'kind'>,
  hasNamespace: boolean,
): { scope: Scope; assumed: boolean } {
  const namespaced = builtinNamespaced(gvk.group, gvk.kind);
  if (namespaced !== undefined) return { scope: namespaced ? 'Namespaced' : 'Cluster', assumed: false };
  return hasNamespace ? { scope: 'Namespaced', assumed: false } : { scope: 'Cluster', assumed: true };
}

/** In which namespace an object is judged. */
export interface EffectiveNamespace {
  /** Empty for a cluster-scoped object. */
  namespace: string;
  /** True where the object did not say it. */
  namespaceAssumed: boolean;
  scope: Scope;
  /** True where the kind is unknown and no namespace was written. */
  scopeAssumed: boolean;
}

/**
 * The namespace an object belongs to (DESIGN.md F4): as written, else the given one, else `default`; none for a
 * cluster-scoped kind, whatever was written.
 * @param gvk the kind
 * @param written `metadata.namespace`, if any
 * @param given the namespace that a request or command line named
 */
export function effectiveNamespace(
  gvk: Pick<GroupVersionKind, 'group' | 'kind'>,
  written: string | undefined,
  given?: string,
): EffectiveNamespace {
  const hasNamespace = written !== undefined && written !== '';
  const { scope, assumed } = scopeOf(gvk, hasNamespace);
  if (scope === 'Cluster') return { namespace: '', namespaceAssumed: false, scope, scopeAssumed: assumed };
  if (hasNamespace) return { namespace: written, namespaceAssumed: false, scope, scopeAssumed: false };
  return {
    namespace: given === undefined || given === '' ? 'default' : given,
    namespaceAssumed: true,
    scope,
    scopeAssumed: false,
  };
}

/**
 * @param object any JSON object
 * @param key a field of it
 * @returns the field where it is an object, else undefined
 */
export function objectField(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

/**
 * @param object any JSON object
 * @param key a field of it
 * @returns the field where it is a non-empty string, else undefined
 */
export function stringField(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
