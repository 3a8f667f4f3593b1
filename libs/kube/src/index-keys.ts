import { canonicalJson, isJsonObject, type Json, type JsonObject, sha256Hex } from '#kernel';
import { isMaskedValue } from './masked.js';
import { podTemplateOf } from './pod-spec.js';

/** The step of a path that stands for each element of a list. */
export const EACH = '[]';

/** Longer keys are kept as their SHA-256: a row of an index holds no more than about 2,700 bytes. */
export const KEY_BYTES_MAX = 512;

/** Keys of one object at one path; of more, the first in the document's order count. */
export const KEYS_MAX = 1_000;

const FIELD_PATH = /^(?:@pod|[^.[\],()@\s]+)(?:\.[^.[\],()@\s]+|\[\])*$/;
const STEP = /[^.[\]]+|\[\]/g;

/** A place in objects of many kinds (DESIGN.md E7): `spec.rules[].host`, `@pod.containers[].ports[].hostPort`. */
export interface FieldPath {
  /** Whether it begins at the pod spec, wherever the kind keeps that. */
  fromPodSpec: boolean;
  /** Keys, and `EACH` for each element of a list. */
  steps: readonly string[];
}

/**
 * Reads a path: keys joined by dots, `[]` behind a list for each of its elements, a leading `@pod` for the pod spec.
 * @param text as a policy's metadata has it
 * @returns undefined where it is no path
 */
export function parseFieldPath(text: string): FieldPath | undefined {
  if (!FIELD_PATH.test(text)) return undefined;
  const steps = text.match(STEP) ?? [];
  const fromPodSpec = steps[0] === '@pod';
  return { fromPodSpec, steps: fromPodSpec ? steps.slice(1) : steps };
}

/**
 * @param object one Kubernetes object, whole
 * @param path the place
 * @returns the steps from the object's root; undefined where the path begins at a pod spec and there is none
 */
export function stepsIn(object: JsonObject, path: FieldPath): readonly string[] | undefined {
  if (!path.fromPodSpec) return path.steps;
  const template = podTemplateOf(object);
  return template && [...template.path.split('.'), ...path.steps];
}

/**
 * @param object one Kubernetes object, whole
 * @param path the place
 * @returns what stands there, in the order of the document; null is absent
 */
export function valuesAt(object: JsonObject, path: FieldPath): Json[] {
  const found: Json[] = [];
  if (!path.fromPodSpec) collect(object, path.steps, 0, found);
  else collect(podTemplateOf(object)?.podSpec ?? null, path.steps, 0, found);
  return found;
}

function collect(value: Json, steps: readonly string[], at: number, found: Json[]): void {
  const step = steps[at];
  if (step === undefined) {
    if (value !== null) found.push(value);
  } else if (step === EACH) {
    if (Array.isArray(value)) for (const element of value) collect(element, steps, at + 1, found);
  } else if (isJsonObject(value) && Object.hasOwn(value, step)) {
    collect(value[step] ?? null, steps, at + 1, found);
  }
}

/**
 * The values at a path as keys by which objects are found that share one. A masked value is none: two that look alike
 * may differ (V3).
 * @param object one Kubernetes object, whole
 * @param path the place
 * @returns each once, at most `KEYS_MAX`
 */
export function indexKeys(object: JsonObject, path: FieldPath): string[] {
  const keys = new Set<string>();
  for (const value of valuesAt(object, path)) {
    if (keys.size === KEYS_MAX) break;
    if (!isMaskedValue(value)) keys.add(indexKey(value));
  }
  return [...keys];
}

/**
 * @param value any JSON value
 * @returns its canonical text, or what stands for it where that is longer than `KEY_BYTES_MAX`; no JSON text begins alike
 */
export function indexKey(value: Json): string {
  return boundedKey(canonicalJson(value));
}

/** @returns the text, or what stands for one longer than `KEY_BYTES_MAX` */
export function boundedKey(text: string): string {
  return Buffer.byteLength(text) > KEY_BYTES_MAX ? `sha256:${sha256Hex(text)}` : text;
}
