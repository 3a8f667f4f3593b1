import { isJsonObject, type Json, type JsonObject } from '#kernel';
import { EACH, parseFieldPath, stepsIn } from '#kube';

/**
 * Keeps only the declared fields, each in its place, so that nothing else can change a verdict or its memo (E7).
 * @param object one Kubernetes object, whole
 * @param fields paths as in `select`; anything but a list keeps the object whole
 */
export function cutTo(object: JsonObject, fields: Json | undefined): JsonObject {
  if (!Array.isArray(fields)) return object;
  const cut: JsonObject = {};
  for (const field of fields) {
    const path = typeof field === 'string' ? parseFieldPath(field) : undefined;
    const steps = path && stepsIn(object, path);
    if (steps !== undefined && steps.length > 0) copyAt(object, cut, steps);
  }
  return cut;
}

/**
 * @param from what is copied
 * @param to what was copied of it before, undefined where nothing was
 * @param steps what is wanted of it
 * @returns what is copied of it now, undefined where nothing is
 */
function copyAt(from: Json, to: Json | undefined, [step, ...rest]: readonly string[]): Json | undefined {
  if (step === undefined) return from;
  if (step === EACH) {
    if (!Array.isArray(from)) return to;
    const before = Array.isArray(to) ? to : [];
    // An element of which nothing is wanted keeps its place.
    return from.map((element, index) => copyAt(element, before[index], rest) ?? before[index] ?? {});
  }
  if (!isJsonObject(from)) return to;
  const into = isJsonObject(to) ? to : {};
  if (!Object.hasOwn(from, step)) return into;
  const copied = copyAt(from[step] ?? null, Object.hasOwn(into, step) ? into[step] : undefined, rest);
  if (copied !== undefined) into[step] = copied;
  return into;
}
