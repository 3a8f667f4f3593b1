import { canonicalJson, sha256, uuidV5, type JsonObject } from '#kernel';
import { effectiveNamespace, gvkOf, objectField, stringField } from './gvk.js';

/** What makes an object this object within a cluster. Its API version and uid are attributes, not identity. */
export interface ObjectIdentity {
  /** Empty for the core group. */
  group: string;
  kind: string;
  /** Empty for cluster-scoped objects. */
  namespace: string;
  /** `<prefix>*` where only `generateName` was given (DESIGN.md F7). */
  name: string;
}

/** Whether `metadata.name` or, failing it, `generateName` says the name. */
export function nameOf(metadata: JsonObject | undefined): { name: string; generated: boolean } | undefined {
  const name = stringField(metadata, 'name');
  if (name !== undefined) return { name, generated: false };
  const prefix = stringField(metadata, 'generateName');
  return prefix === undefined ? undefined : { name: `${prefix}*`, generated: true };
}

/**
 * @param object one Kubernetes object
 * @returns what its name was made of, or is to be, as a member; none where nothing is said of it
 */
export function generateNameOf(object: JsonObject): { generateName?: string } {
  const generateName = stringField(objectField(object, 'metadata'), 'generateName');
  return generateName === undefined ? {} : { generateName };
}

/**
 * @param object one Kubernetes object
 * @param givenNamespace the namespace a request named for objects that name none
 * @returns undefined where apiVersion, kind or a name is missing
 */
export function identityOf(object: JsonObject, givenNamespace?: string): ObjectIdentity | undefined {
  const gvk = gvkOf(object);
  const metadata = objectField(object, 'metadata');
  const named = nameOf(metadata);
  if (!gvk || !named) return undefined;
  const { namespace } = effectiveNamespace(gvk, stringField(metadata, 'namespace'), givenNamespace);
  return { group: gvk.group, kind: gvk.kind, namespace, name: named.name };
}

/**
 * One text for one identity: no part of it can hold a slash.
 * @param identity the object's
 * @returns `group/kind/namespace/name`, with empty parts kept
 */
export function identityKey(identity: ObjectIdentity): string {
  return `${identity.group}/${identity.kind}/${identity.namespace}/${identity.name}`;
}

/**
 * The identity as bytes to hash: unambiguous whatever the parts hold.
 * @param identity the object's
 */
export function canonicalIdentity(identity: ObjectIdentity): string {
  return canonicalJson([identity.group, identity.kind, identity.namespace, identity.name]);
}

/**
 * The object's id within its cluster, the same wherever it is computed.
 * @param clusterId UUID of the cluster
 * @param identity the object's
 * @returns UUID version 5 of (cluster, identity)
 */
export function objectId(clusterId: string, identity: ObjectIdentity): string {
  return uuidV5(clusterId, identityKey(identity));
}

/** A check (policy and instance) on an object: what a violation is about. */
export interface FingerprintSubject {
  policy: string;
  /** Name on the binding's item, empty by default. */
  instance: string;
  identity: ObjectIdentity;
}

/**
 * The violation's fingerprint: no cluster, version or uid, so that CI can compare with a baseline (DESIGN.md §1).
 * @param subject policy slug, instance and the object
 * @returns 32 bytes
 */
export function violationFingerprint(subject: FingerprintSubject): Buffer {
  const { group, kind, namespace, name } = subject.identity;
  return sha256(canonicalJson([subject.policy, subject.instance, group, kind, namespace, name]));
}

/** The part of a finding that makes it the same finding in the next run. */
export interface FindingPlace {
  /** Dotted from the object's root, list indexes in brackets. */
  path: string;
  /** Name of the container it is about, if it is about one. */
  container?: string;
}

/** Every list of containers a pod spec can have, with the index that a reordering would change. */
const CONTAINER_INDEX = /\b(containers|initContainers|ephemeralContainers)\[\d+\]/;

/**
 * A finding's own fingerprint: by the container's name rather than its index, so that reordering containers neither
 * closes a finding nor opens one.
 * @param subject policy slug, instance and the object
 * @param place the finding's path and container
 * @returns 32 bytes
 */
export function findingFingerprint(subject: FingerprintSubject, place: FindingPlace): Buffer {
  const { container } = place;
  const path = container === undefined ? place.path : place.path.replace(CONTAINER_INDEX, '$1[]');
  return sha256(canonicalJson([violationFingerprint(subject).toString('hex'), path, container ?? null]));
}
