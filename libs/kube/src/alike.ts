import { canonicalJson, isJsonObject, sha256Hex, type Json, type JsonObject } from '#kernel';
import { ownerReferencesOf } from './attributes.js';
import { objectField } from './gvk.js';
import { controllerOf } from './ownership.js';
import { podTemplateOf } from './pod-spec.js';

/** Labels that number the pods of one controller. */
const ORDINAL_LABELS: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
]);
const ORDINAL_ANNOTATIONS: ReadonlySet<string> = new Set(['batch.kubernetes.io/job-completion-index']);
const OWN_FIELDS: ReadonlySet<string> = new Set(['nodeName', 'hostname']);
const CONTAINER_LISTS: ReadonlySet<string> = new Set(['containers', 'initContainers', 'ephemeralContainers']);
/** The API server names the volume that carries the service account's token anew for each pod. */
const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;

function without(object: JsonObject | undefined, dropped: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([key]) => !dropped.has(key)));
}

function withTokenRenamed(item: Json): Json {
  if (!isJsonObject(item) || typeof item['name'] !== 'string' || !TOKEN_VOLUME.test(item['name'])) return item;
  return { ...item, name: 'kube-api-access' };
}

function alikeContainer(container: Json): Json {
  if (!isJsonObject(container) || !Array.isArray(container['volumeMounts'])) return container;
  return { ...container, volumeMounts: container['volumeMounts'].map(withTokenRenamed) };
}

/** A DaemonSet's pod is bound to its node by name. */
function isNodeName(field: Json): boolean {
  return isJsonObject(field) && field['key'] === 'metadata.name';
}

function alikeAffinity(affinity: Json): Json {
  const node = isJsonObject(affinity) ? objectField(affinity, 'nodeAffinity') : undefined;
  const required = objectField(node, 'requiredDuringSchedulingIgnoredDuringExecution');
  const terms = required?.['nodeSelectorTerms'];
  if (!isJsonObject(affinity) || !node || !Array.isArray(terms)) return affinity;
  const nodeSelectorTerms = terms.map((term) =>
    isJsonObject(term) && Array.isArray(term['matchFields'])
      ? { ...term, matchFields: term['matchFields'].filter((field) => !isNodeName(field)) }
      : term,
  );
  return {
    ...affinity,
    nodeAffinity: { ...node, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
}

function alikeField(key: string, value: Json): Json {
  if (key === 'affinity') return alikeAffinity(value);
  if (!Array.isArray(value)) return value;
  if (key === 'volumes') return value.map(withTokenRenamed);
  return CONTAINER_LISTS.has(key) ? value.map(alikeContainer) : value;
}

function alikePodSpec(podSpec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(without(podSpec, OWN_FIELDS)).map(([key, value]) => [key, alikeField(key, value)]),
  );
}

function alikeMetadata(metadata: JsonObject | undefined): JsonObject {
  return {
    ...without(metadata, new Set(['name', 'generateName'])),
    labels: without(objectField(metadata, 'labels'), ORDINAL_LABELS),
    annotations: without(objectField(metadata, 'annotations'), ORDINAL_ANNOTATIONS),
  };
}

/**
 * Owned objects with one key share one evaluation: of one kind and controller, alike but for name, node and the name of
 * the volume with the service account's token (LIBRARY.md, "Owned objects").
 * @param object as `normalise()` answered it
 * @returns the key, hexadecimal; undefined for objects that hold no pod spec, or that nobody controls
 */
export function alikeKey(object: JsonObject): string | undefined {
  const template = podTemplateOf(object);
  if (!template || !controllerOf(ownerReferencesOf(object))) return undefined;
  const { metadata: _metadata, ...rest } = object;
  const isPod = template.path === 'spec';
  return sha256Hex(
    canonicalJson([
      isPod ? { ...rest, spec: null } : rest,
      alikeMetadata(objectField(object, 'metadata')),
      isPod ? alikePodSpec(template.podSpec) : null,
    ]),
  );
}
