import type { Connection } from '#contracts';
import { connectionThen, DISCONNECTED_AFTER_MS } from '#fleet';
import type { ReadTx } from '#platform';
import type { ClusterState } from './compliance.rules.js';

interface StateRow {
  cluster_id: string;
  connection: Connection;
  connection_since: Date;
  last_seen_at: Date | null;
  state_as_of: Date | null;
  past: Connection | null;
  past_since: Date | null;
}

/** A cluster was disconnected for so long. */
export interface Disconnection {
  clusterId: string;
  name: string;
  from: Date;
  /** null: it is now. */
  to: Date | null;
}

/**
 * @param clusterId UUID; null: every cluster of that moment
 * @param at a moment; null: now
 * @returns how clusters were connected, and how old what they had told was
 */
export async function loadClusterStates(
  tx: ReadTx,
  clusterId: string | null,
  at: Date | null,
): Promise<ClusterState[]> {
  const moment = at ?? tx.now;
  const rows = await tx.query<StateRow>(
    `select c.cluster_id, c.connection, c.connection_since, c.last_seen_at, f.state_as_of, s.connection as past, s.valid_from as past_since
     from app.cluster c left join app.inventory_feed f on f.org_id = c.org_id and f.cluster_id = c.cluster_id
       left join hist.connection_span s on s.org_id = c.org_id and s.cluster_id = c.cluster_id and s.valid_from <= $3 and s.valid_to > $3
     where c.org_id = $1 and ($2::uuid is null or c.cluster_id = $2) and c.created_at <= $3 and (c.removed_at is null or c.removed_at > $3)`,
    [tx.scope.orgId, clusterId, moment],
  );
  return rows.map((row) => {
    const then = connectionThen(
      { connection: row.connection, since: row.connection_since, lastSeenAt: row.last_seen_at },
      row.past === null || row.past_since === null ? undefined : { connection: row.past, since: row.past_since },
      moment,
    );
    // What it had told by then is known for the present only: its last sign of life is the earliest that it can be.
    const stateAsOf = at === null ? row.state_as_of : then.seenAfter;
    return { clusterId: row.cluster_id, connection: then.connection, stateAsOf, lastSeenAt: then.seenAfter };
  });
}

/**
 * @param clusterId UUID; null: every cluster
 * @returns when clusters were disconnected between two moments, recorded or by the clock alone, in order
 */
export async function loadDisconnections(
  tx: ReadTx,
  clusterId: string | null,
  from: Date,
  to: Date,
): Promise<Disconnection[]> {
  return tx.query<Disconnection>(
    `select d.cluster_id as "clusterId", c.name, d.valid_from as "from", d.valid_to as "to" from (
       select cluster_id, valid_from, valid_to from hist.connection_span
         where org_id = $1 and connection = 'disconnected' and valid_to > $3 and valid_from <= $4
       union all
       select cluster_id, last_seen_at + $5::int * interval '1 millisecond', removed_at from app.cluster
         where org_id = $1 and last_seen_at <= least($4, $6) - $5::int * interval '1 millisecond'
           and (removed_at is null or (removed_at > $3 and removed_at > last_seen_at + $5::int * interval '1 millisecond'))) d
       join app.cluster c on c.org_id = $1 and c.cluster_id = d.cluster_id
     where $2::uuid is null or d.cluster_id = $2 order by d.valid_from, d.cluster_id`,
    [tx.scope.orgId, clusterId, from, to, DISCONNECTED_AFTER_MS, tx.now],
  );
}
