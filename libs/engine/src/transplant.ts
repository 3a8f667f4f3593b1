import { isJsonObject, type Json, type JsonObject } from '#kernel';
import { apiVersionOf, gvkOf, objectField, podTemplateOf } from '#kube';
import type { Sample } from './fixture-judge.js';
import type { CatalogueKind } from './kind-catalogue.js';
import type { ContainerList } from './policy.js';
import type { Finding } from './verdict.js';

const NEUTRAL_POD: JsonObject = { containers: [{ name: 'web', image: 'registry.example.com/shop/web:1.0.0' }] };
const ONCE_KINDS = new Set(['Job', 'CronJob']);

/**
 * The same sample under another kind: metadata, pod and whatever both kinds have beside it, such as what a Job and a
 * CronJob say of a job; autoscalers that target it and a parameter `kinds` follow.
 * @param sample of a fixture
 * @param target kind
 */
export function transplantKind(sample: Sample, target: CatalogueKind): Sample {
  const source = gvkOf(sample.object);
  if (source === undefined) return sample;
  if (source.kind === target.kind && source.group === target.group && source.version === target.version) return sample;
  return {
    ...sample,
    object: objectOf(sample.object, target),
    related: followed(sample.related, source.kind, target) as Sample['related'],
    parameters: retargeted(sample.parameters, source.kind, target.kind),
  };
}

function objectOf(source: JsonObject, target: CatalogueKind): JsonObject {
  const header = { apiVersion: apiVersionOf(target), kind: target.kind };
  const from = gvkOf(source);
  // The same kind in another version has the same fields.
  if (from?.kind === target.kind && from.group === target.group) return { ...structuredClone(source), ...header };
  const metadata = structuredClone(source['metadata'] ?? {});
  const body = structuredClone(target.body ?? {});
  if (target.template === undefined) return { ...header, metadata, ...body };
  const pod = podOf(source, target);
  if (target.template.length === 0) {
    return {
      ...header,
      metadata: { ...objectField(pod, 'metadata'), ...(isJsonObject(metadata) ? metadata : {}) },
      spec: pod['spec'] ?? {},
    };
  }
  const object: JsonObject = { ...header, metadata, ...body };
  if (isInSpec(target)) object['spec'] = { ...sharedSpec(source, target), ...objectField(object, 'spec') };
  if (target.kind === 'CronJob') put(object, ['spec', 'jobTemplate', 'spec'], jobSpecOf(source));
  put(object, target.template, pod);
  return object;
}

/** What a Job or a CronJob says of a job, without its pod. */
function jobSpecOf(source: JsonObject): JsonObject {
  if (!ONCE_KINDS.has(String(source['kind']))) return {};
  const spec = objectField(source, 'spec') ?? {};
  const jobSpec = source['kind'] === 'CronJob' ? objectField(objectField(spec, 'jobTemplate') ?? {}, 'spec') : spec;
  const { template: _template, ...rest } = jobSpec ?? {};
  return structuredClone(rest);
}

/** Metadata and spec of the pod, as the target kind may hold it. */
function podOf(source: JsonObject, target: CatalogueKind): JsonObject {
  const template = podTemplateOf(source);
  const spec: JsonObject = structuredClone(template?.podSpec ?? NEUTRAL_POD);
  const fromOnce = ONCE_KINDS.has(String(source['kind']));
  if (target.kind !== 'Pod') delete spec['ephemeralContainers'];
  if (ONCE_KINDS.has(target.kind) && !fromOnce) spec['restartPolicy'] = 'Never';
  if (!ONCE_KINDS.has(target.kind) && fromOnce) delete spec['restartPolicy'];
  const { labels, annotations } = template?.metadata ?? {};
  const metadata = { labels: labels ?? { app: 'web' }, ...(annotations !== undefined && { annotations }) };
  return { metadata, spec };
}

function isInSpec(kind: CatalogueKind): boolean {
  return kind.template?.join('.') === 'spec.template';
}

/** Fields beside the template, such as replicas, where the source keeps its template in the same place. */
function sharedSpec(source: JsonObject, target: CatalogueKind): JsonObject {
  if (target.kind === 'Job') return jobSpecOf(source);
  if (podTemplateOf(source)?.path !== 'spec.template.spec') return {};
  const { template: _template, ...rest } = objectField(source, 'spec') ?? {};
  return structuredClone(rest);
}

function put(object: JsonObject, fields: readonly string[], value: JsonObject): void {
  let holder = object;
  for (const field of fields.slice(0, -1)) {
    const next = objectField(holder, field) ?? {};
    holder[field] = next;
    holder = next;
  }
  holder[fields.at(-1) ?? 'spec'] = value;
}

/** An autoscaler's target follows; KEDA takes one without a kind for a Deployment. */
function followed(value: Json, from: string, target: CatalogueKind): Json {
  if (Array.isArray(value)) return value.map((item) => followed(item, from, target));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, item]): [string, Json] => {
    const refersTo = key === 'scaleTargetRef' && isJsonObject(item) && (item['kind'] ?? 'Deployment') === from;
    if (!refersTo) return [key, followed(item, from, target)];
    return [key, { ...item, kind: target.kind, apiVersion: apiVersionOf(target) }];
  });
  return Object.fromEntries(members);
}

function retargeted(parameters: JsonObject, from: string, to: string): JsonObject {
  const { kinds } = parameters;
  if (!Array.isArray(kinds) || !kinds.includes(from)) return parameters;
  return { ...parameters, kinds: kinds.map((kind) => (kind === from ? to : kind)) };
}

const LIST_FIELD: Record<ContainerList, string> = {
  containers: 'containers',
  initContainers: 'initContainers',
  sidecars: 'initContainers',
  ephemeralContainers: 'ephemeralContainers',
};

/**
 * The same sample with the container that a finding is about moved into another list.
 * @param sample of a failing fixture
 * @param finding of it that names a container
 * @param list into which the container goes; a sidecar is an init container that is restarted always
 * @returns undefined where the container is not found
 */
export function transplantContainer(sample: Sample, finding: Finding, list: ContainerList): Sample | undefined {
  const object = structuredClone(sample.object);
  const spec = podTemplateOf(object)?.podSpec;
  if (spec === undefined) return undefined;
  for (const field of new Set(Object.values(LIST_FIELD))) {
    const containers = spec[field];
    if (!Array.isArray(containers)) continue;
    const at = containers.findIndex((container) => isJsonObject(container) && container['name'] === finding.container);
    const container = containers[at];
    if (!isJsonObject(container)) continue;
    containers.splice(at, 1);
    insert(spec, container, list);
    return { ...sample, object };
  }
  return undefined;
}

function insert(spec: JsonObject, container: JsonObject, list: ContainerList): void {
  const { restartPolicy: _restartPolicy, ...moved } = container;
  const field = LIST_FIELD[list];
  const present = spec[field];
  spec[field] = [
    ...(Array.isArray(present) ? present : []),
    list === 'sidecars' ? { ...moved, restartPolicy: 'Always' } : moved,
  ];
  const { containers } = spec;
  if (!Array.isArray(containers) || containers.length === 0) {
    spec['containers'] = [{ name: 'transplant-host', image: 'registry.example.com/shop/web:1.0.0' }];
  }
}

/**
 * @param finding of a transplanted sample
 * @param list into which its container went
 * @returns whether the finding lies in that list
 */
export function liesIn(finding: Finding, list: ContainerList): boolean {
  return finding.path.includes(`${LIST_FIELD[list]}[`);
}
