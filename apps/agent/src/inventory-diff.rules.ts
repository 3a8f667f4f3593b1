import type { JsonObject } from '#kernel';
import type { InventoryChange } from '#contracts';
import {
  apiVersionOf,
  clusterDigest,
  contentDigest,
  gvkOf,
  identityKey,
  KindDigest,
  NORMALISER_VERSION,
  type ObjectIdentity,
} from '#kube';

/** One object as the source has it. */
export interface SourceObject {
  object: JsonObject;
  identity: ObjectIdentity;
  attributes: JsonObject;
}

/** One object as it was sent. */
export interface SentObject {
  identity: ObjectIdentity;
  apiVersion: string;
  content: Buffer;
}

/** Everything that was sent, by identity. */
export type SentState = ReadonlyMap<string, SentObject>;

/**
 * @param objects as the source has them
 * @returns the state that sending all of them leads to
 */
export function stateOf(objects: readonly SourceObject[]): Map<string, SentObject> {
  return new Map(
    objects.map(({ object, identity }) => {
      const gvk = gvkOf(object) ?? { group: identity.group, version: '', kind: identity.kind };
      return [identityKey(identity), { identity, apiVersion: apiVersionOf(gvk), content: contentDigest(object) }];
    }),
  );
}

/**
 * @param sent what the platform has
 * @param next what it should have
 * @param objects behind `next`
 * @returns the changes that lead from one to the other
 */
export function changesBetween(sent: SentState, next: SentState, objects: readonly SourceObject[]): InventoryChange[] {
  const upserts = objects.filter(({ identity }) => {
    const key = identityKey(identity);
    const before = sent.get(key);
    const after = next.get(key);
    return before === undefined || after === undefined || !before.content.equals(after.content);
  });
  const deletes = [...sent].filter(([key]) => !next.has(key));
  return [...upserts.map(upsertOf), ...deletes.map(([, object]) => deleteOf(object))];
}

/** @returns an object as a change, whole */
export function upsertOf({ object, attributes }: SourceObject): InventoryChange {
  return { op: 'upsert', object, attributes };
}

/**
 * @param state what was sent
 * @returns the cluster's digest (F9) in hexadecimal, as the platform computes it
 */
export function digestOf(state: SentState): string {
  const kinds = new Map<string, { group: string; kind: string; digest: KindDigest }>();
  for (const { identity, content } of state.values()) {
    const key = `${identity.group}/${identity.kind}`;
    const entry = kinds.get(key) ?? { group: identity.group, kind: identity.kind, digest: new KindDigest() };
    entry.digest.add(identity, content);
    kinds.set(key, entry);
  }
  const rows = [...kinds.values()].map(({ group, kind, digest }) => ({ group, kind, digest: digest.bytes() }));
  return clusterDigest(NORMALISER_VERSION, rows).toString('hex');
}

function deleteOf({ identity, apiVersion }: SentObject): InventoryChange {
  return {
    op: 'delete',
    api_version: apiVersion,
    kind: identity.kind,
    namespace: identity.namespace,
    name: identity.name,
  };
}
