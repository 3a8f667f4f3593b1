import { isJsonObject, type JsonObject } from '#kernel';
import { objectField, stringField } from './gvk.js';
import type { MaskedAttribute } from './masking.js';

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  api_version: string;
  kind: string;
  name: string;
  uid: string;
  controller: boolean;
}

/** Who wrote an object, from its managed fields (DESIGN.md V3). */
export interface ObjectOrigin {
  /** API versions it was written in, the newest writer's first, writers of the status left out; at least one. */
  api_versions: string[];
  last_manager: string | null;
  /** Who wrote each top-level field last. */
  manager_by_top_field: Record<string, string>;
}

/** What belongs to an object and is neither identity nor content. */
export interface ObjectAttributes {
  api_version: string;
  uid: string | null;
  resource_version: string | null;
  generation: number | null;
  creation_timestamp: string | null;
  /** Whether the object itself said nothing about its namespace, and one was assumed (F4). */
  namespace_assumed: boolean;
  /** Whether the kind is unknown and was taken as cluster-scoped for want of a namespace (F8). */
  scope_assumed: boolean;
  /** Whether the name is `<prefix>*` from `generateName`. */
  name_generated: boolean;
  owner_references: OwnerReference[];
  origin: ObjectOrigin;
  masked: MaskedAttribute[];
}

/** The annotation in which `kubectl apply` keeps a copy of the object, secrets and all. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const DROPPED_METADATA: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
]);

interface Manager {
  manager: string;
  apiVersion: string;
  time: string;
  fields: string[];
}

/**
 * API servers before 1.22 don't name the subresource: there who writes the status is known by it, and may have written an
 * annotation beside it, as controllers do. Who writes the rest can't write the status of a kind that has it apart.
 */
function writesStatus(entry: JsonObject): boolean {
  const subresource = stringField(entry, 'subresource');
  if (subresource !== undefined) return subresource === 'status';
  const fields = Object.keys(objectField(entry, 'fieldsV1') ?? {}).filter((key) => key.startsWith('f:'));
  return fields.includes('f:status') && fields.every((key) => key === 'f:status' || key === 'f:metadata');
}

function managersOf(metadata: JsonObject | undefined): Manager[] {
  const entries = Array.isArray(metadata?.['managedFields']) ? metadata['managedFields'] : [];
  return entries
    .filter(isJsonObject)
    .filter((entry) => !writesStatus(entry))
    .map((entry) => ({
      manager: stringField(entry, 'manager') ?? 'unknown',
      apiVersion: stringField(entry, 'apiVersion') ?? '',
      time: stringField(entry, 'time') ?? '',
      fields: Object.keys(objectField(entry, 'fieldsV1') ?? {})
        .filter((key) => key.startsWith('f:'))
        .map((key) => key.slice(2))
        .filter((key) => key !== 'status'),
    }))
    .filter(({ fields }) => fields.length > 0)
    .sort((a, b) => (a.time === b.time ? 0 : a.time > b.time ? -1 : 1));
}

function originOf(apiVersion: string, metadata: JsonObject | undefined): ObjectOrigin {
  const managers = managersOf(metadata);
  const versions = managers.map((manager) => manager.apiVersion).filter((version) => version !== '');
  const byField = new Map<string, string>();
  for (const { manager, fields } of managers) {
    for (const field of fields) if (!byField.has(field)) byField.set(field, manager);
  }
  return {
    api_versions: versions.length > 0 ? [...new Set(versions)] : [apiVersion],
    last_manager: managers[0]?.manager ?? null,
    manager_by_top_field: Object.fromEntries([...byField].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/**
 * @param object one Kubernetes object
 * @returns its owner references, those that are none left out
 */
export function ownerReferencesOf(object: JsonObject): OwnerReference[] {
  const references = objectField(object, 'metadata')?.['ownerReferences'];
  if (!Array.isArray(references)) return [];
  return references.filter(isJsonObject).map((reference) => ({
    api_version: stringField(reference, 'apiVersion') ?? '',
    kind: stringField(reference, 'kind') ?? '',
    name: stringField(reference, 'name') ?? '',
    uid: stringField(reference, 'uid') ?? '',
    controller: reference['controller'] === true,
  }));
}

/** What of the attributes the object alone can say. */
export type WrittenAttributes = Omit<
  ObjectAttributes,
  'namespace_assumed' | 'scope_assumed' | 'name_generated' | 'masked'
>;

/** @param object of which nothing was dropped yet */
export function writtenAttributes(object: JsonObject): WrittenAttributes {
  const metadata = objectField(object, 'metadata');
  const apiVersion = stringField(object, 'apiVersion') ?? '';
  const generation = metadata?.['generation'];
  return {
    api_version: apiVersion,
    uid: stringField(metadata, 'uid') ?? null,
    resource_version: stringField(metadata, 'resourceVersion') ?? null,
    generation: typeof generation === 'number' ? generation : null,
    creation_timestamp: stringField(metadata, 'creationTimestamp') ?? null,
    owner_references: ownerReferencesOf(object),
    origin: originOf(apiVersion, metadata),
  };
}

/** What the API server writes into metadata, and what no reader of an object means by its content. */
export function isDroppedMetadata(key: string): boolean {
  return DROPPED_METADATA.has(key);
}
