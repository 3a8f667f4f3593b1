import { Injectable } from '@nestjs/common';
import { mendJson } from '#kernel';
import type { Heartbeat, HeartbeatAck, InventoryAck, InventoryBatch } from '#contracts';
import { Database, type Tx } from '#platform';
import { requireCredential } from './agent-credential.store.js';
import { keepConnection } from './agent-connections.store.js';
import { lockCluster } from './cluster.store.js';
import { recordConnection } from './connection.store.js';
import type { AgentPrincipal } from './enrollment.service.js';
import { emitClusterChanged, INVENTORY_CHANGED, INVENTORY_LISTED, type InventoryChanged } from './fleet.events.js';
import { prepareChanges, type PreparedChange } from './inventory-change.rules.js';
import { headChange, placeBatch } from './inventory.rules.js';
import { confirmState, listAgreeing, loadFeed } from './inventory-feed.store.js';
import * as store from './inventory.store.js';
import { admitChanges, bringsNew } from './object-quota.rules.js';
import { loadObjectUsage, moveObjectUsage } from './object-quota.store.js';

/** Attempts of a batch whose objects others took the room for. */
const RACES = 4;

/** The room for a batch's objects was taken while it was written. */
class LostRace extends Error {}

function lostRace(error: unknown): undefined {
  if (!(error instanceof LostRace)) throw error;
  return undefined;
}

/** What agents tell of their clusters. */
@Injectable()
export class InventoryService {
  constructor(private readonly database: Database) {}

  /**
   * Applies a batch once, however often it comes; what an object became commits with the event that says so.
   * @param agent whose cluster it is
   * @param batch the changes, with their place `(epoch, seq)`
   * @returns what was not taken: what is no object, and what is more than the organization may hold
   * @throws AppError `stale_epoch`, `batch_gap`, `not_found`
   */
  async apply(agent: AgentPrincipal, batch: InventoryBatch): Promise<InventoryAck> {
    const changes = prepareChanges(agent.clusterId, batch.changes);
    for (let attempt = 1; ; attempt++) {
      const ack = await this.applyOnce(agent, batch, changes, attempt >= RACES).catch(lostRace);
      if (ack !== undefined) return ack;
    }
  }

  /** @param last takes nothing new that the quota could stop: the next listing brings it, if there is room */
  private async applyOnce(
    agent: AgentPrincipal,
    batch: InventoryBatch,
    { prepared, rejected }: ReturnType<typeof prepareChanges>,
    last: boolean,
  ): Promise<InventoryAck> {
    return this.database.run(agent.scope, async (tx) => {
      const { cluster, tick } = await lockCluster(tx, agent.clusterId);
      const feed = await store.lockFeed(tx, agent.clusterId);
      await recordConnection(tx, cluster, tick);
      if (placeBatch(feed, batch) === 'repeat') return { epoch: feed.epoch, seq: feed.seq, applied: false, rejected };
      const heads = await store.loadHeads(
        tx,
        prepared.map((change) => change.objectId),
      );
      // What only changes or goes asks for no room.
      const usage = bringsNew(prepared, heads) ? await loadObjectUsage(tx) : undefined;
      const room = usage === undefined || last ? 0 : usage.limit - usage.used;
      const { admitted, refused } = admitChanges(prepared, heads, room, usage?.limit ?? 0);
      const { changed, more } = await moveHeads(tx, agent.clusterId, { prepared: admitted, heads }, batch, tick);
      await store.moveFeed(tx, agent.clusterId, {
        epoch: batch.epoch,
        seq: batch.seq,
        snapshot: batch.snapshot,
        stateAsOf: stateAsOf(batch, tick),
        problems: batch.problems === undefined ? undefined : mendJson(batch.problems),
        refused: refused.length,
      });
      if (changed.length > 0) {
        const payload: InventoryChanged = { cluster_id: agent.clusterId, object_ids: changed };
        tx.emit({ topic: INVENTORY_CHANGED, payload: { ...payload } });
      }
      if (feed.listing && batch.snapshot === 'end')
        tx.emit({ topic: INVENTORY_LISTED, payload: { cluster_id: agent.clusterId } });
      if (!(await moveObjectUsage(tx, more, last || more < 0 ? undefined : usage?.limit))) throw new LostRace();
      return { epoch: batch.epoch, seq: batch.seq, applied: true, rejected: [...rejected, ...refused] };
    });
  }

  /**
   * A sign of life, and the question whether both sides hold the same (F9).
   * @param agent whose cluster it is
   * @param beat where the agent believes to be
   * @returns where the platform is; not in sync: the agent lists everything again
   */
  async heartbeat(agent: AgentPrincipal, beat: Heartbeat): Promise<HeartbeatAck> {
    return this.database.run(agent.scope, (tx) => takeBeat(tx, agent.clusterId, beat));
  }

  /**
   * A sign of life over a connection, which counts as there from now on; the credential, checked when it was opened, may
   * have ended meanwhile.
   * @param agent whose cluster it is
   * @param beat where the agent believes to be
   * @param connectionId UUID
   * @returns as by `heartbeat`
   * @throws AppError `credential_revoked`, `not_found`
   */
  async heartbeatOver(agent: AgentPrincipal, beat: Heartbeat, connectionId: string): Promise<HeartbeatAck> {
    return this.database.run(agent.scope, async (tx) => {
      await requireCredential(tx, agent.credentialId);
      const ack = await takeBeat(tx, agent.clusterId, beat);
      await keepConnection(tx, agent.clusterId, connectionId);
      return ack;
    });
  }
}

async function takeBeat(tx: Tx, clusterId: string, beat: Heartbeat): Promise<HeartbeatAck> {
  const { cluster, tick } = await lockCluster(tx, clusterId);
  // Who moves the feed holds the cluster's clock, as this transaction does.
  const feed = await loadFeed(tx, clusterId);
  const { kubernetesVersion } = cluster;
  await recordConnection(tx, cluster, tick, {
    agentVersion: beat.agent_version,
    kubernetesVersion: beat.kubernetes_version ?? kubernetesVersion,
  });
  if (beat.kubernetes_version !== undefined && beat.kubernetes_version !== kubernetesVersion)
    emitClusterChanged(tx, clusterId);
  const samePlace = beat.epoch === feed.epoch && beat.seq === feed.seq;
  // An agent that is further than we are has told what we lost, as after a restore; one that is behind missed what
  // another told in its name.
  const inSync = samePlace && (await holdsTheSame(tx, clusterId, feed.refused, beat.digest));
  if (inSync) await confirmState(tx, clusterId, tick);
  return { epoch: feed.epoch, seq: feed.seq, in_sync: inSync };
}

async function moveHeads(
  tx: Tx,
  clusterId: string,
  { prepared, heads }: { prepared: readonly PreparedChange[]; heads: ReadonlyMap<string, store.ObjectHead> },
  batch: InventoryBatch,
  tick: Date,
): Promise<{ changed: string[]; more: number }> {
  const written: PreparedChange[] = [];
  const seen: PreparedChange[] = [];
  const superseded: store.ObjectHead[] = [];
  const gone: store.ObjectHead[] = [];
  for (const change of prepared) {
    const head = heads.get(change.objectId);
    const becomes = headChange(head, change);
    if (becomes === 'same') seen.push(change);
    if (becomes === 'appears' || becomes === 'changes') written.push(change);
    if (becomes === 'changes' && head !== undefined) superseded.push(head);
    if (becomes === 'disappears' && head !== undefined) gone.push(head);
  }
  await store.markSeen(tx, seen, batch.epoch);
  await store.closeRevisions(tx, clusterId, superseded, tick, 'changed');
  await store.writeHeads(tx, clusterId, written, batch.epoch, tick);
  if (batch.snapshot === 'end') gone.push(...(await store.loadUnseen(tx, clusterId, batch.epoch)));
  const goneOnce = [...new Map(gone.map((head) => [head.objectId, head])).values()];
  await store.closeRevisions(tx, clusterId, goneOnce, tick, 'deleted');
  await store.markGone(
    tx,
    goneOnce.map((head) => head.objectId),
    tick,
  );
  const more =
    batch.snapshot === 'end'
      ? await store.rebuildDigests(tx, clusterId)
      : await store.updateDigests(tx, clusterId, [...superseded, ...goneOnce], written);
  const ids = [...written, ...goneOnce, ...rewritten(heads, seen)].map(({ objectId }) => objectId);
  return { changed: [...new Set([...ids, ...(await remade(tx, clusterId, heads, prepared))])], more };
}

/** What is the same as before and was written in another API version: policies are told of that. */
function rewritten(heads: ReadonlyMap<string, store.ObjectHead>, seen: readonly PreparedChange[]): PreparedChange[] {
  return seen.filter(({ objectId, writtenAs }) => heads.get(objectId)?.writtenAs !== writtenAs);
}

/**
 * What was deleted and made anew between two looks has another uid, maybe with the same content: what the old one
 * controlled is an orphan now, what names the new one is its own (V4).
 */
async function remade(
  tx: Tx,
  clusterId: string,
  heads: ReadonlyMap<string, store.ObjectHead>,
  prepared: readonly PreparedChange[],
): Promise<string[]> {
  const anew = prepared.filter(({ objectId, bodyHash, uid }) => {
    const head = heads.get(objectId);
    return bodyHash !== null && head !== undefined && head.bodyHash !== null && head.uid !== uid;
  });
  const oldUids = anew.flatMap(({ objectId }) => heads.get(objectId)?.uid ?? []);
  const orphans = await store.loadControlledBy(tx, clusterId, oldUids);
  return [...anew.map(({ objectId }) => objectId), ...orphans];
}

/**
 * While objects are refused the digests can't agree: as long as there is no room for them, the place is all that is
 * compared. Once there is, the agent is told to list everything, and what was refused comes again.
 */
async function holdsTheSame(tx: Tx, clusterId: string, refused: number, digest: string | undefined): Promise<boolean> {
  if (refused > 0) {
    const { used, limit } = await loadObjectUsage(tx);
    return used >= limit;
  }
  return (await listAgreeing(tx, [{ clusterId, digest }])).length > 0;
}

/** A state can't be newer than its arrival: an agent's clock may be wrong, and ours decides (P2). */
function stateAsOf(batch: InventoryBatch, tick: Date): Date {
  const claimed = batch.state_as_of === undefined ? tick : new Date(batch.state_as_of);
  return claimed < tick ? claimed : tick;
}
