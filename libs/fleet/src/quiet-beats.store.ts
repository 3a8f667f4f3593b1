import type { Tx } from '#platform';
import { CONNECTION_LEASE_MS } from './agent-connections.store.js';
import { STALE_AFTER_MS } from './connection.rules.js';

/** A sign of life over a connection, as the set of them is worked on. */
export interface Beat {
  clusterId: string;
  credentialId: string;
  connectionId: string;
  epoch: number;
  seq: number;
  agentVersion: string;
  kubernetesVersion: string | null;
}

/**
 * Takes the clocks of clusters whose clock nobody holds: who waits for one would hold up all others.
 * @returns their ids
 */
export async function lockFreeClocks(tx: Tx, clusterIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ cluster_id: string }>(
    'select cluster_id from app.cluster_clock where org_id = $1 and cluster_id = any($2::uuid[]) for update skip locked',
    [tx.scope.orgId, clusterIds],
  );
  return rows.map(({ cluster_id: id }) => id);
}

/**
 * Finds the beats that change nothing but the time: the credential is good, the cluster connected all the while and over
 * the same connection, its versions and its place in the feed are as they were, and nothing was refused.
 * @param beats of clusters whose clocks are held
 * @returns ids of the clusters
 */
export async function listQuiet(tx: Tx, beats: readonly Beat[]): Promise<string[]> {
  const rows = await tx.query<{ cluster_id: string }>(
    `select b.cluster_id
     from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::uuid[])
         as b (cluster_id, credential_id, epoch, seq, agent_version, kubernetes_version, connection_id)
       join app.cluster c on c.org_id = $1 and c.cluster_id = b.cluster_id
       join app.agent_credential a on a.org_id = $1 and a.credential_id = b.credential_id and a.cluster_id = b.cluster_id
       join app.inventory_feed f on f.org_id = $1 and f.cluster_id = b.cluster_id
       join app.agent_connection n on n.org_id = $1 and n.cluster_id = b.cluster_id and n.connection_id = b.connection_id
     where c.removed_at is null and a.revoked_at is null and c.connection = 'connected' and c.last_seen_at > $9
       and c.agent_version = b.agent_version
       and (b.kubernetes_version is null or c.kubernetes_version = b.kubernetes_version)
       and f.epoch = b.epoch and f.seq = b.seq and f.refused = 0`,
    [
      tx.scope.orgId,
      beats.map(({ clusterId }) => clusterId),
      beats.map(({ credentialId }) => credentialId),
      beats.map(({ epoch }) => epoch),
      beats.map(({ seq }) => seq),
      beats.map(({ agentVersion }) => agentVersion),
      beats.map(({ kubernetesVersion }) => kubernetesVersion),
      beats.map(({ connectionId }) => connectionId),
      // A tick may lie a little after now: nothing is decided at the limit itself.
      new Date(tx.now.getTime() - STALE_AFTER_MS / 2),
    ],
  );
  return rows.map(({ cluster_id: id }) => id);
}

/** Moves time on for quiet clusters whose clocks are held: as a beat by itself does, in one statement for all. */
export async function moveTime(tx: Tx, clusterIds: readonly string[]): Promise<void> {
  await tx.query(
    `with ticks as (
       update app.cluster_clock set tick = greatest($3, tick + interval '1 millisecond')
       where org_id = $1 and cluster_id = any($2::uuid[]) returning cluster_id, tick),
     seen as (
       update app.cluster c set last_seen_at = t.tick from ticks t where c.org_id = $1 and c.cluster_id = t.cluster_id),
     confirmed as (
       update app.inventory_feed f set state_as_of = t.tick from ticks t
       where f.org_id = $1 and f.cluster_id = t.cluster_id and f.complete)
     update app.agent_connection set alive_until = $4 where org_id = $1 and cluster_id = any($2::uuid[])`,
    [tx.scope.orgId, clusterIds, tx.now, new Date(tx.now.getTime() + CONNECTION_LEASE_MS)],
  );
}
