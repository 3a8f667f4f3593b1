import type { JsonObject } from '#kernel';

/** An object of the cluster with a uid, which others can name as their controller. */
export interface WithUid extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: JsonObject & { name: string; uid: string };
}

export interface PodOptions {
  /** What the pod spec has beside its containers. */
  spec?: JsonObject;
  annotations?: Record<string, string>;
  /** Images by container name. */
  images?: Record<string, string>;
}

const NAMESPACE = 'shop';

/** @returns the owner's reference as its controller writes it into what it makes */
export function controlledBy(
  { apiVersion, kind, metadata: { name, uid } }: WithUid,
  forged: JsonObject = {},
): JsonObject {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true, ...forged };
}

/** @returns an object of a kind that nobody knows: an operator's own */
export function aCustomResource(name: string): WithUid {
  return { apiVersion: 'example.org/v1', kind: 'Shop', metadata: metadataOf('shop', name), spec: { size: 'large' } };
}

/**
 * A controller with a pod template.
 * @param kind of `apps/v1`
 * @param name its own, and a part of its uid
 * @param image of the one container, `app`
 * @param owner reference to what controls it
 * @param spec beside the template
 */
export function aWorkload(
  kind: string,
  name: string,
  image: string,
  owner?: JsonObject,
  spec: JsonObject = {},
): WithUid {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: metadataOf(kind, name, owner),
    spec: { selector: {}, replicas: 2, ...spec, template: { spec: { containers: containersOf({ app: image }) } } },
  };
}

/**
 * A running pod.
 * @param name its own, and a part of its uid
 * @param image of the container `app`
 * @param owner reference to what controls it
 * @param options what else it has
 */
export function aPod(name: string, image: string, owner?: JsonObject, options: PodOptions = {}): WithUid {
  const metadata = metadataOf('Pod', name, owner);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: options.annotations === undefined ? metadata : { ...metadata, annotations: options.annotations },
    spec: { nodeName: 'node-a', containers: containersOf({ app: image, ...options.images }), ...options.spec },
  };
}

/** @returns an autoscaler of a Deployment, `spec` beside its target */
export function anAutoscaler(name: string, deployment: string, spec: JsonObject): WithUid {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf('HorizontalPodAutoscaler', name),
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment }, ...spec },
  };
}

/** @returns a Namespace with these labels */
export function aNamespace(name: string, labels: Record<string, string>): WithUid {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: `uid-of-Namespace-${name}`, labels } };
}

function metadataOf(kind: string, name: string, owner?: JsonObject): WithUid['metadata'] {
  return {
    name,
    namespace: NAMESPACE,
    uid: `uid-of-${kind}-${name}`,
    ...(owner !== undefined && { ownerReferences: [owner] }),
  };
}

function containersOf(images: Record<string, string>): JsonObject[] {
  return Object.entries(images).map(([name, image]) => ({ name, image }));
}
