import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { systemScope } from '#kernel';
import type { Heartbeat, HeartbeatAck } from '#contracts';
import { Database } from '#platform';
import type { AgentPrincipal } from './enrollment.service.js';
import { InventoryService } from './inventory.service.js';
import { listAgreeing } from './inventory-feed.store.js';
import { listQuiet, lockFreeClocks, moveTime, type Beat } from './quiet-beats.store.js';

/** Beats of an organization are gathered for so long: an agent waits half a minute between two. */
const GATHER_MS = 500;
/** Of one transaction: what it holds, others wait for. */
const TOGETHER_MAX = 500;

/** Of those that are worked on by themselves: others need the database too. */
const APART_AT_ONCE = 8;

/** What a sign of life came over. */
export interface BeatConnection {
  /** UUID */
  id: string;
  isOpen(): boolean;
}

interface Waiting {
  agent: AgentPrincipal;
  beat: Heartbeat;
  connection: BeatConnection;
  answer: (ack: HeartbeatAck | Promise<HeartbeatAck>) => void;
}

/**
 * Signs of life over connections. Nearly all change nothing but the time: those of an organization that come within a
 * moment are one transaction; whatever else one of them tells is worked on by itself.
 */
@Injectable()
export class SignsOfLife {
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly apart = pLimit(APART_AT_ONCE);

  constructor(
    private readonly database: Database,
    private readonly inventory: InventoryService,
  ) {}

  /**
   * @param agent whose cluster it is
   * @param beat where the agent believes to be
   * @param connection which it came over
   * @param waitedFor somebody waits for what it tells: it is not gathered with others
   * @returns as by `InventoryService.heartbeatOver`; never, where the connection is gone when its turn comes
   * @throws AppError `credential_revoked`, `not_found`
   */
  take(agent: AgentPrincipal, beat: Heartbeat, connection: BeatConnection, waitedFor: boolean): Promise<HeartbeatAck> {
    if (waitedFor) return this.inventory.heartbeatOver(agent, beat, connection.id);
    const { orgId } = agent.scope;
    return new Promise((answer) => {
      const waiting = { agent, beat, connection, answer };
      const gathered = this.waiting.get(orgId);
      if (gathered !== undefined) return void gathered.push(waiting);
      this.waiting.set(orgId, [waiting]);
      void this.workOn(orgId);
    });
  }

  private async workOn(orgId: string): Promise<void> {
    await delay(GATHER_MS, undefined, { ref: false });
    // A connection that was replaced meanwhile must not come before the one that replaced it.
    const gathered = (this.waiting.get(orgId) ?? []).filter(({ connection }) => connection.isOpen());
    this.waiting.delete(orgId);
    for (let first = 0; first < gathered.length; first += TOGETHER_MAX) {
      const part = gathered.slice(first, first + TOGETHER_MAX);
      // What goes wrong for all of them is told to each, by its own attempt.
      const quiet = await this.takeQuiet(orgId, part).catch(() => new Set<Waiting>());
      for (const one of part) {
        const { agent, beat, connection, answer } = one;
        if (quiet.has(one)) answer({ epoch: beat.epoch, seq: beat.seq, in_sync: true });
        else answer(this.apart(() => this.inventory.heartbeatOver(agent, beat, connection.id)));
      }
    }
  }

  /** @returns those that are done */
  private takeQuiet(orgId: string, part: readonly Waiting[]): Promise<Set<Waiting>> {
    const byCluster = new Map(part.map((one) => [one.agent.clusterId, one]));
    return this.database.run(systemScope(orgId, 'signs of life'), async (tx) => {
      const free = pick(byCluster, await lockFreeClocks(tx, [...byCluster.keys()]));
      const placed = pick(byCluster, await listQuiet(tx, free.map(beatOf)));
      const agreeing = await listAgreeing(
        tx,
        placed.map(({ agent, beat }) => ({ clusterId: agent.clusterId, digest: beat.digest })),
      );
      const quiet = pick(byCluster, agreeing);
      if (quiet.length > 0) await moveTime(tx, agreeing);
      return new Set(quiet);
    });
  }
}

function pick(from: ReadonlyMap<string, Waiting>, clusterIds: readonly string[]): Waiting[] {
  return clusterIds.flatMap((id) => from.get(id) ?? []);
}

function beatOf({ agent, beat, connection }: Waiting): Beat {
  return {
    clusterId: agent.clusterId,
    credentialId: agent.credentialId,
    connectionId: connection.id,
    epoch: beat.epoch,
    seq: beat.seq,
    agentVersion: beat.agent_version,
    kubernetesVersion: beat.kubernetes_version ?? null,
  };
}
