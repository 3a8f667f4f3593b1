import { isJsonObject, type Json, type JsonObject } from '#kernel';
import { gvkOf, objectField } from './gvk.js';

/** A pod spec and where it lies in its object. */
export interface PodTemplate {
  podSpec: JsonObject;
  /** Dotted path of the pod spec from the object's root, `spec.template.spec` in a Deployment. */
  path: string;
  /** Metadata of the pods made from it; a Pod's own. */
  metadata?: JsonObject;
  metadataPath?: string;
}

/** `group/Kind` → the fields that lead to what holds `metadata` and `spec` of the pod. */
const TEMPLATE_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', []],
  ['/PodTemplate', ['template']],
  ['/ReplicationController', ['spec', 'template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['extensions/Deployment', ['spec', 'template']],
  ['extensions/ReplicaSet', ['spec', 'template']],
  ['extensions/DaemonSet', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ['apps.openshift.io/DeploymentConfig', ['spec', 'template']],
  ['argoproj.io/Rollout', ['spec', 'template']],
  ['serving.knative.dev/Service', ['spec', 'template']],
]);

const LIKELY_FIELDS: readonly string[] = ['spec', 'template'];

function childOf(value: Json | undefined, field: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
}

function templateAt(object: JsonObject, fields: readonly string[]): PodTemplate | undefined {
  const holder = fields.reduce<Json | undefined>(childOf, object);
  const podSpec = childOf(holder, 'spec');
  if (!isJsonObject(holder) || !isJsonObject(podSpec)) return undefined;
  const prefix = fields.map((field) => `${field}.`).join('');
  const metadata = objectField(holder, 'metadata');
  return { podSpec, path: `${prefix}spec`, ...(metadata && { metadata, metadataPath: `${prefix}metadata` }) };
}

/** Custom kinds differ: only a list of named containers makes `spec.template.spec` a pod spec. */
function looksLikePodSpec(podSpec: JsonObject): boolean {
  const { containers } = podSpec;
  return (
    Array.isArray(containers) &&
    containers.length > 0 &&
    containers.every((container) => isJsonObject(container) && typeof container['name'] === 'string')
  );
}

/**
 * Finds the pod spec of an object, wherever its kind keeps it (LIBRARY.md, "How they decide"): the kinds of the table,
 * and any other kind with a pod template at `spec.template`.
 * @param object one Kubernetes object
 * @returns undefined where the object holds no pod spec
 */
export function podTemplateOf(object: JsonObject): PodTemplate | undefined {
  const gvk = gvkOf(object);
  if (!gvk) return undefined;
  const fields = TEMPLATE_FIELDS.get(`${gvk.group}/${gvk.kind}`);
  if (fields) return templateAt(object, fields);
  const template = templateAt(object, LIKELY_FIELDS);
  return template && looksLikePodSpec(template.podSpec) ? template : undefined;
}

/**
 * @param group API group, empty for core
 * @param kind as written
 * @returns whether every object of this kind is made to hold a pod spec
 */
export function isPodSpecKind(group: string, kind: string): boolean {
  return TEMPLATE_FIELDS.has(`${group}/${kind}`);
}
