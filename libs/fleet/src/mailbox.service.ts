import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, uuidV7, type Scope } from '#kernel';
import { Database, WakeUps, type Tx } from '#platform';
import { traced } from '#tracing';
import { dropConnection, isConnected } from './agent-connections.store.js';
import type { AgentPrincipal } from './enrollment.service.js';

/** Says that a command lies in the mailbox of a cluster: its UUID comes with it. */
const MAIL_CHANNEL = 'bylaw_mail';
/** Says that a command was answered: the command's UUID comes with it. */
const ANSWER_CHANNEL = 'bylaw_mail_answer';

/** How often an answer is looked for that nobody told of. */
const LOOK_MS = 500;
const KEPT_MS = 60_000;

/** A command that waits for its agent. */
export interface Mail {
  orgId: string;
  clusterId: string;
  commandId: string;
  /** The span that waits for it; null where nothing is traced. */
  traceparent: string | null;
}

/**
 * Commands to agents: rows, and a wake-up for whichever replica holds the agent's connection (DESIGN §8).
 */
@Injectable()
export class Mailbox {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Asks a cluster's agent to send everything that has changed until now, and waits until it has.
   * @param clusterId UUID
   * @param withinMs how long to wait at most, milliseconds
   * @returns `away` where no agent is connected, `late` where it did not answer in time
   */
  async pull(scope: Scope, clusterId: string, withinMs: number): Promise<'synced' | 'away' | 'late'> {
    return traced(scope, 'agent pull', { kind: 'producer' }, async (within, span) => {
      const outcome = await this.ask(within, clusterId, withinMs);
      span?.set({ 'bylaw.outcome': outcome });
      return outcome;
    });
  }

  /**
   * @param clusters UUIDs of connected clusters, by organization
   * @returns what waits for them
   */
  async dangerouslyFindMail(clusters: Record<string, readonly string[]>): Promise<Mail[]> {
    const rows = await this.database.dangerouslyAskDirectory<{
      org_id: string;
      cluster_id: string;
      command_id: string;
      traceparent: string | null;
    }>('select * from app.dangerously_find_mail($1, $2)', [JSON.stringify(clusters), new Date(systemClock.now())]);
    return rows.map((row) => ({
      orgId: row.org_id,
      clusterId: row.cluster_id,
      commandId: row.command_id,
      traceparent: row.traceparent,
    }));
  }

  /**
   * @param listener told of clusters, by UUID, for which something was left
   * @returns ends it
   */
  onMail(listener: (clusterId: string) => void): () => void {
    return this.wakeUps.listen(MAIL_CHANNEL, listener);
  }

  /** Notes that the agent has done what a command asked. */
  async answer({ scope, clusterId }: AgentPrincipal, commandId: string): Promise<void> {
    await this.database.run(scope, async (tx) => {
      await tx.query(
        'update app.mailbox set answered_at = $4 where org_id = $1 and cluster_id = $2 and command_id = $3 and answered_at is null',
        [scope.orgId, clusterId, commandId, tx.now],
      );
      tx.afterCommit(() => this.wakeUps.notify(ANSWER_CHANNEL, commandId));
    });
  }

  /** This connection of the agent has ended. */
  async disconnected({ scope, clusterId }: AgentPrincipal, connectionId: string): Promise<void> {
    await this.database.run(scope, (tx) => dropConnection(tx, clusterId, connectionId));
  }

  private async ask(scope: Scope, clusterId: string, withinMs: number): Promise<'synced' | 'away' | 'late'> {
    const commandId = await this.database.run(scope, async (tx) => {
      if (!(await isConnected(tx, clusterId))) return undefined;
      const id = uuidV7(tx.now.getTime());
      await leave(tx, clusterId, { commandId: id, withinMs, traceparent: scope.traceparent });
      tx.afterCommit(() => this.wakeUps.notify(MAIL_CHANNEL, clusterId));
      return id;
    });
    if (commandId === undefined) return 'away';
    return (await this.answered(scope, commandId, withinMs)) ? 'synced' : 'late';
  }

  private async answered(scope: Scope, commandId: string, withinMs: number): Promise<boolean> {
    const deadline = systemClock.now() + withinMs;
    for (;;) {
      const left = deadline - systemClock.now();
      if (left <= 0) return false;
      await this.told(commandId, Math.min(left, LOOK_MS));
      const rows = await this.database.run(scope, (tx) =>
        tx.query('select 1 from app.mailbox where org_id = $1 and command_id = $2 and answered_at is not null', [
          scope.orgId,
          commandId,
        ]),
      );
      if (rows.length > 0) return true;
    }
  }

  /** Until somebody says that this command was answered, or for so long. */
  private async told(commandId: string, withinMs: number): Promise<void> {
    const ended = new AbortController();
    const stop = this.wakeUps.listen(ANSWER_CHANNEL, (id) => {
      if (id === commandId) ended.abort();
    });
    await delay(withinMs, undefined, { signal: ended.signal }).catch(() => undefined);
    stop();
  }
}

/** Commands of long ago are taken away by the way: each asks once. */
async function leave(
  tx: Tx,
  clusterId: string,
  command: { commandId: string; withinMs: number; traceparent: string | undefined },
): Promise<void> {
  const { commandId, withinMs, traceparent } = command;
  await tx.query('delete from app.mailbox where org_id = $1 and expires_at < $2', [
    tx.scope.orgId,
    new Date(tx.now.getTime() - KEPT_MS),
  ]);
  await tx.query(
    `insert into app.mailbox (org_id, command_id, cluster_id, kind, created_at, expires_at, traceparent)
     values ($1, $2, $3, 'sync', $4, $5, $6)`,
    [tx.scope.orgId, commandId, clusterId, tx.now, new Date(tx.now.getTime() + withinMs), traceparent ?? null],
  );
}
