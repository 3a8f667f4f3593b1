import type { JsonObject } from '#kernel';
import { effectiveNamespace, gvkOf, nameOf, objectField, stringField } from '#kube';
import type { Review } from './verdict.js';

/**
 * The review of an object outside of admission (E6).
 * @param object normalised
 * @param namespace of namespaced objects that name none; `default` unless given
 * @throws Error where apiVersion, kind or a name is missing, which normalise() refuses
 */
export function reviewOf(object: JsonObject, namespace?: string): Review {
  const gvk = gvkOf(object);
  const metadata = objectField(object, 'metadata');
  const named = nameOf(metadata);
  if (gvk === undefined || named === undefined)
    throw new Error('the object has no kind or no name: normalise it first');
  const where = effectiveNamespace(gvk, stringField(metadata, 'namespace'), namespace);
  return {
    kind: { group: gvk.group, version: gvk.version, kind: gvk.kind },
    name: named.name,
    ...(where.namespace !== '' && { namespace: where.namespace }),
    object,
  };
}
