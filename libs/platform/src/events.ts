import { uuidV7, type Scope } from '#kernel';
import type { Database } from './database.js';
import type { DomainEvent, TransactionSink, Tx } from './transaction.js';
import type { QueueName, Queues } from './queues.js';

/** Wakes whoever delivers an organization's events. */
export const EVENTS_QUEUE: QueueName<{ org_id: string }> = { name: 'events', once: ({ org_id: orgId }) => orgId };

const BATCH = 100;
const KEPT_AFTER_DELIVERY_MS = 3_600_000;

export type EventHandler = (tx: Tx, payload: Record<string, unknown>) => Promise<void>;

/** Who wants to know what (DESIGN §3: what travels to the right is an event). */
export class EventHandlers {
  private readonly committing = new Map<string, EventHandler[]>();
  private readonly delivered = new Map<string, EventHandler[]>();

  /** The handler's work commits with the event itself, in the transaction that emitted it. */
  whileCommitting(topic: string, handler: EventHandler): void {
    append(this.committing, topic, handler);
  }

  /** The handler's work commits with the mark that the event was delivered: once, soon after. */
  onceDelivered(topic: string, handler: EventHandler): void {
    append(this.delivered, topic, handler);
  }

  committingOf(topic: string): readonly EventHandler[] {
    return this.committing.get(topic) ?? [];
  }

  deliveredOf(topic: string): readonly EventHandler[] {
    return this.delivered.get(topic) ?? [];
  }
}

/** Writes a transaction's events into the outbox (J1), and wakes the delivery after the commit. */
export class OutboxSink implements TransactionSink {
  constructor(
    private readonly handlers: EventHandlers,
    private readonly queues: Queues,
  ) {}

  async flush(tx: Tx, events: readonly DomainEvent[]): Promise<void> {
    // A handler may emit in turn: the list grows while it is walked.
    let outboxed = 0;
    for (const event of events) {
      for (const handler of this.handlers.committingOf(event.topic)) await handler(tx, event.payload);
      if (this.handlers.deliveredOf(event.topic).length === 0) continue;
      outboxed++;
      await tx.query('insert into app.outbox (org_id, event_id, topic, payload, at) values ($1, $2, $3, $4, $5)', [
        tx.scope.orgId,
        uuidV7(tx.now.getTime()),
        event.topic,
        JSON.stringify(event.payload),
        tx.now,
      ]);
    }
    if (outboxed > 0) tx.afterCommit(() => this.queues.wake(EVENTS_QUEUE, { org_id: tx.scope.orgId }));
  }
}

/** Delivers what lies in an organization's outbox; several at a time never take the same event. */
export class OutboxDelivery {
  constructor(
    private readonly database: Database,
    private readonly handlers: EventHandlers,
  ) {}

  /**
   * Delivers until nothing is left. What a handler throws rolls its batch back, and the next wake-up tries again.
   * @param scope the organization
   * @returns how many events were delivered
   */
  async deliver(scope: Scope): Promise<number> {
    for (let total = 0; ;) {
      const delivered = await this.database.run(scope, (tx) => this.deliverBatch(tx));
      total += delivered;
      if (delivered < BATCH) return total;
    }
  }

  /**
   * Takes away what was delivered long enough ago that nobody resumes there any more (F10).
   * @param scope the organization
   */
  async forgetDelivered(scope: Scope): Promise<void> {
    await this.database.run(scope, (tx) =>
      tx.query('delete from app.outbox where org_id = $1 and dispatched_at < $2', [
        scope.orgId,
        new Date(tx.now.getTime() - KEPT_AFTER_DELIVERY_MS),
      ]),
    );
  }

  private async deliverBatch(tx: Tx): Promise<number> {
    const events = await tx.query<{ event_id: string; topic: string; payload: Record<string, unknown> }>(
      `select event_id, topic, payload from app.outbox where org_id = $1 and dispatched_at is null
       order by xid, event_id limit ${BATCH} for update skip locked`,
      [tx.scope.orgId],
    );
    for (const event of events) {
      for (const handler of this.handlers.deliveredOf(event.topic)) await handler(tx, event.payload);
    }
    if (events.length > 0) {
      await tx.query('update app.outbox set dispatched_at = $2 where org_id = $1 and event_id = any($3)', [
        tx.scope.orgId,
        tx.now,
        events.map((event) => event.event_id),
      ]);
    }
    return events.length;
  }
}

function append(map: Map<string, EventHandler[]>, topic: string, handler: EventHandler): void {
  map.set(topic, [...(map.get(topic) ?? []), handler]);
}
