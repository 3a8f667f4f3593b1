import { isJsonObject, mendText, setKey, type Json, type JsonObject } from '#kernel';
import { isDroppedMetadata, LAST_APPLIED, writtenAttributes, type ObjectAttributes } from './attributes.js';
import { effectiveNamespace, gvkOf, objectField, stringField, type GroupVersionKind } from './gvk.js';
import { nameOf, type ObjectIdentity } from './identity.js';
import { isDeeperThan } from './json-depth.js';
import { describeValue } from './describe-value.js';
import { DEFAULT_MANIFEST_LIMITS } from './manifest-limits.js';
import { maskSecrets } from './masking.js';
import { generateNameProblem, namespaceProblem, nameProblem } from './object-name.js';
import { parsePath } from './path.js';
import { podTemplateOf } from './pod-spec.js';
import { KIND_SHAPES } from './schema/kinds.js';
import { metadata as metadataShape } from './schema/metadata.js';
import { podSpec as podSpecShape } from './schema/pod.js';
import { object as objectShape, type Shape } from './schema/shape.js';
import { textsOf, type TextPlace } from './schema/texts.js';
import { ShapeValidator, type ObjectProblem } from './schema/validate.js';

/** Moves when the same object would be normalised differently: a new version begins a new epoch (DESIGN.md F9). */
export const NORMALISER_VERSION = 1;

/** Objects that were posted as JSON have passed no reader. */
const MAX_DEPTH = DEFAULT_MANIFEST_LIMITS.depth;

/** As the API server has it: a DNS subdomain, a slash and a DNS label; a DNS label. */
const LONGEST = { apiVersion: 253 + 1 + 63, kind: 63 };

export interface NormaliseOptions {
  /** Namespace of namespaced objects that name none; `default` unless given. */
  namespace?: string;
  /** For HMACs of masked values; it must never leave the cluster. */
  hmacKey?: Uint8Array;
}

export interface NormalisedObject {
  ok: true;
  /** Content alone: the same for two objects that ask for the same, whoever wrote them and when. */
  object: JsonObject;
  identity: ObjectIdentity;
  attributes: ObjectAttributes;
}

export interface RefusedObject {
  ok: false;
  problems: ObjectProblem[];
}

/** A part of an object whose shape is known, and where it lies. */
interface KnownPart {
  value: JsonObject;
  shape: Shape;
  at: ReturnType<typeof parsePath>;
}

/**
 * Brings an object into the one form in which it is judged, stored and hashed, in CI, at admission and in the audit alike
 * (DESIGN.md V3): types checked, what is not content dropped, null dropped since it means absent, secrets masked.
 * Normalising twice changes nothing.
 * @param object one Kubernetes object, as read; it is not changed
 * @param options namespace to assume, key for HMACs
 * @returns the object with its identity and attributes, or what is wrong with it
 */
export function normalise(object: JsonObject, options: NormaliseOptions = {}): NormalisedObject | RefusedObject {
  if (isDeeperThan(object, MAX_DEPTH)) {
    return { ok: false, problems: [{ path: '', message: `must not be nested deeper than ${MAX_DEPTH} levels` }] };
  }
  const copy = contentOf(object);
  const parts = knownParts(copy);
  const problems = [...identityProblems(copy), ...shapeProblems(parts)];
  const gvk = gvkOf(copy);
  const metadata = objectField(copy, 'metadata');
  const named = nameOf(metadata);
  if (problems.length > 0 || !gvk || !named) return { ok: false, problems };
  const where = effectiveNamespace(gvk, stringField(metadata, 'namespace'), options.namespace);
  const texts = parts.flatMap(({ value, shape, at }): TextPlace[] => textsOf(value, shape, at));
  const masked = maskSecrets(copy, texts, options.hmacKey);
  return {
    ok: true,
    object: copy,
    identity: { group: gvk.group, kind: gvk.kind, namespace: where.namespace, name: named.name },
    attributes: {
      ...writtenAttributes(object),
      namespace_assumed: where.namespaceAssumed,
      scope_assumed: where.scopeAssumed,
      name_generated: named.generated,
      masked,
    },
  };
}

/** A deep copy without null entries, since null is absent, and of texts that can be stored. */
function withoutNull(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value === 'string') return mendText(value);
  if (!isJsonObject(value)) return value === 0 ? 0 : value;
  return copyOf(value, () => true);
}

function copyOf(value: JsonObject, keep: (key: string) => boolean): JsonObject {
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== null && item !== undefined && keep(key)) setKey(copy, mendText(key), withoutNull(item));
  }
  return copy;
}

/** A deep copy without what is no content: null, and what the API server or `kubectl apply` wrote. */
function contentOf(object: JsonObject): JsonObject {
  const copy = copyOf(object, (key) => key !== 'status');
  const { metadata } = copy;
  if (!isJsonObject(metadata)) return copy;
  const content = copyOf(metadata, (key) => !isDroppedMetadata(key));
  const { annotations } = content;
  if (isJsonObject(annotations)) {
    delete annotations[LAST_APPLIED];
    if (Object.keys(annotations).length === 0) delete content['annotations'];
  }
  return { ...copy, metadata: content };
}

function knownParts(object: JsonObject): KnownPart[] {
  const gvk = gvkOf(object);
  if (!gvk) return [];
  const parts: KnownPart[] = [{ value: object, shape: objectShape({ metadata: metadataShape }), at: [] }];
  const shape = KIND_SHAPES.get(`${gvk.group}/${gvk.kind}`);
  if (shape) return [...parts, { value: object, shape, at: [] }];
  const template = podTemplateOf(object);
  if (!template) return parts;
  parts.push({ value: template.podSpec, shape: podSpecShape, at: parsePath(template.path) });
  const { metadata, metadataPath } = template;
  if (metadata && metadataPath !== undefined) {
    parts.push({ value: metadata, shape: metadataShape, at: parsePath(metadataPath) });
  }
  return parts;
}

function shapeProblems(parts: readonly KnownPart[]): ObjectProblem[] {
  const validator = new ShapeValidator();
  for (const { value, shape, at } of parts) validator.check(value, shape, at);
  return validator.problems;
}

function identityProblems(object: JsonObject): ObjectProblem[] {
  const problems = (['apiVersion', 'kind'] as const).flatMap((path): ObjectProblem[] => {
    const text = stringField(object, path);
    if (text === undefined)
      return [{ path, message: `must be a non-empty string, got ${describeValue(object[path])}` }];
    return text.length > LONGEST[path] ? [{ path, message: `must be at most ${LONGEST[path]} characters long` }] : [];
  });
  const { metadata } = object;
  if (metadata !== undefined && !isJsonObject(metadata)) return problems;
  const gvk = gvkOf(object);
  return gvk ? [...problems, ...metadataProblems(gvk, metadata)] : problems;
}

function metadataProblems(gvk: GroupVersionKind, metadata: JsonObject | undefined): ObjectProblem[] {
  const name = stringField(metadata, 'name');
  const generateName = stringField(metadata, 'generateName');
  const namespace = stringField(metadata, 'namespace');
  const found = [
    { path: 'metadata.name', message: name === undefined ? undefined : nameProblem(gvk, name) },
    {
      path: 'metadata.generateName',
      message: generateName === undefined ? undefined : generateNameProblem(gvk, generateName),
    },
    { path: 'metadata.namespace', message: namespace === undefined ? undefined : namespaceProblem(namespace) },
    { path: 'metadata.name', message: missingName(metadata, name ?? generateName) },
  ];
  return found.flatMap(({ path, message }) => (message === undefined ? [] : [{ path, message }]));
}

/** A name of another type is told by the shape. */
function missingName(metadata: JsonObject | undefined, name: string | undefined): string | undefined {
  if (name !== undefined || (metadata?.['name'] !== undefined && metadata['name'] !== '')) return undefined;
  return 'must be set, or metadata.generateName';
}
