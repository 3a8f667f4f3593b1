import type { JsonObject } from '#kernel';
import type { Finding } from '#engine';
import { unpackBody } from '#fleet';
import { identityKey, ownerReferencesOf, OwnershipResolver, type ObjectIdentity, type OwnedObject } from '#kube';
import type { Tx } from '#platform';
import type { FoldTarget } from './folding.rules.js';
import type { InventoryInput } from './inventory-input.store.js';

/** Controllers of controllers; real chains have two or three. */
const MAX_CHAIN = 10;

interface OwnerRow {
  object_id: string;
  api_group: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  controller_uid: string | null;
  body: Buffer;
}

interface Owner extends OwnedObject {
  objectId: string;
  object: JsonObject;
}

/**
 * Finds, for owned objects, the controller at the top of their chain and what it fails in (V4). Chains are followed by
 * uid within the cluster's inventory alone.
 * @param owned objects with a controller
 * @param bodies by content hash in hexadecimal
 * @returns by object id; absent where the chain does not resolve
 */
export async function loadFoldTargets(
  tx: Tx,
  clusterId: string,
  owned: readonly InventoryInput[],
  bodies: ReadonlyMap<string, JsonObject>,
): Promise<Map<string, FoldTarget>> {
  const owners = await loadOwners(
    tx,
    clusterId,
    owned.flatMap(({ controllerUid }) => controllerUid ?? []),
  );
  const resolver = new OwnershipResolver(owners.values());
  const tops = new Map<string, Owner>();
  const byIdentity = new Map([...owners.values()].map((owner) => [identityKey(owner.identity), owner]));
  for (const input of owned) {
    const object = input.bodyHash === null ? undefined : bodies.get(input.bodyHash.toString('hex'));
    if (object === undefined) continue;
    const ownership = resolver.resolve(
      { identity: input.identity, uid: input.uid, ownerReferences: ownerReferencesOf(object) },
      object,
    );
    const top = ownership.state === 'resolved' ? byIdentity.get(identityKey(ownership.top)) : undefined;
    if (top !== undefined) tops.set(input.objectId, top);
  }
  const failing = await loadFailing(tx, [...new Set([...tops.values()].map(({ objectId }) => objectId))]);
  return new Map(
    [...tops].map(([objectId, top]) => [
      objectId,
      { objectId: top.objectId, object: top.object, failing: failing.get(top.objectId) ?? new Map() },
    ]),
  );
}

async function loadOwners(tx: Tx, clusterId: string, uids: readonly string[]): Promise<Map<string, Owner>> {
  const found = new Map<string, Owner>();
  let wanted = [...new Set(uids)];
  for (let depth = 0; depth < MAX_CHAIN && wanted.length > 0; depth++) {
    const rows = await tx.query<OwnerRow>(
      `select o.object_id, o.api_group, o.kind, o.namespace, o.name, o.uid, o.controller_uid, b.body
       from app.inventory_object o join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
       where o.org_id = $1 and o.cluster_id = $2 and o.uid = any($3::text[])`,
      [tx.scope.orgId, clusterId, wanted],
    );
    for (const row of rows) found.set(row.uid, ownerOf(row));
    wanted = rows.flatMap(({ controller_uid: uid }) => (uid === null || found.has(uid) ? [] : [uid]));
  }
  return found;
}

function ownerOf(row: OwnerRow): Owner {
  const identity: ObjectIdentity = { group: row.api_group, kind: row.kind, namespace: row.namespace, name: row.name };
  const object = unpackBody(row.body);
  return { objectId: row.object_id, identity, uid: row.uid, ownerReferences: ownerReferencesOf(object), object };
}

async function loadFailing(tx: Tx, objectIds: readonly string[]): Promise<Map<string, Map<number, Finding[]>>> {
  const rows = await tx.query<{ object_id: string; check_id: number; findings: Finding[] }>(
    `select object_id, check_id, findings from app.violation
     where org_id = $1 and object_id = any($2::uuid[]) and resolved_at is null and disposition = 'failing'`,
    [tx.scope.orgId, objectIds],
  );
  const failing = new Map<string, Map<number, Finding[]>>();
  for (const row of rows) {
    const checks = failing.get(row.object_id) ?? new Map<number, Finding[]>();
    failing.set(row.object_id, checks.set(row.check_id, row.findings));
  }
  return failing;
}
