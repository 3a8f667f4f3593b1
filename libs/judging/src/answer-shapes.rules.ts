import { type JsonObject, publicId } from '#kernel';
import type { FindingShape, ValidationViolation } from '#contracts';
import type { Finding } from '#engine';
import { apiVersionOf, gvkOf, type ObjectIdentity } from '#kube';

/** @returns an object as answers name it */
export function objectRef(identity: ObjectIdentity, object: JsonObject): ValidationViolation['object'] {
  const gvk = gvkOf(object);
  return {
    api_version: gvk === undefined ? identity.group : apiVersionOf(gvk),
    kind: identity.kind,
    namespace: identity.namespace,
    name: identity.name,
  };
}

/** @returns findings as answers show them; what is sensitive has no `found` (V3) */
export function findingShapes(findings: readonly Finding[]): FindingShape[] {
  return findings.map((finding) => ({ ...finding, found: finding.found ?? null }) as FindingShape);
}

/** @returns a cluster as answers name it */
export function clusterRef({ clusterId, name }: { clusterId: string; name: string }): { id: string; name: string } {
  return { id: publicId('cluster', clusterId), name };
}
