import { canonicalJson, sha256Hex } from '#kernel';
import { findingFingerprint } from '#kube';
import type { Mark } from './marks.js';

/**
 * @returns the finding's fingerprint in hexadecimal, the same wherever it stands in its file and however the containers
 *   are ordered
 */
export function fingerprintOf({ violation, finding }: Mark): string {
  if (finding === undefined) return violation.fingerprint;
  const { policy, instance, object } = violation;
  const [group = ''] = object.api_version.includes('/') ? object.api_version.split('/') : [];
  const { path, container } = finding;
  const subject = {
    policy: policy.slug,
    instance,
    identity: { group, kind: object.kind, namespace: object.namespace, name: object.name },
  };
  return findingFingerprint(subject, { path, ...(container !== undefined && { container }) }).toString('hex');
}

/** Tells findings apart that have one fingerprint: an object that is there twice, or one field that is wrong in two ways. */
export class Occurrences {
  private readonly seen = new Map<string, number>();

  /** @returns 1 for the first of a key, 2 for the second, … */
  of(key: string): number {
    const occurrence = (this.seen.get(key) ?? 0) + 1;
    this.seen.set(key, occurrence);
    return occurrence;
  }
}

/** @returns SHA-256 of what makes something the same, in hexadecimal */
export function digestOf(...parts: readonly (string | number | null)[]): string {
  return sha256Hex(canonicalJson([...parts]));
}
