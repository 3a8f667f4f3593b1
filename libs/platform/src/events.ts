import { uuidV7, type Scope } from '#kernel';
import { LIVE_TOPICS } from '#contracts';
import { inSpan } from '#tracing';
import type { Database } from './database.js';
import { RESUMABLE_MS } from './live-events.js';
import type { DomainEvent, TransactionSink, Tx } from './transaction.js';
import type { QueueName, Queues } from './queues.js';
import type { Metrics } from './telemetry.js';

/** Wakes whoever delivers an organization's events. */
export const EVENTS_QUEUE: QueueName<{ org_id: string }> = { name: 'events', once: ({ org_id: orgId }) => orgId };

const BATCH = 100;
/** Longer than anybody may resume: the times of events are not quite in their order. */
const KEPT_AFTER_DELIVERY_MS = RESUMABLE_MS + 600_000;
const LIVE = new Set<string>(LIVE_TOPICS);

/** Where an event comes from. */
export interface EventOrigin {
  /** When what it tells was committed. */
  at: Date;
  /** Within which span; nothing where nothing was traced. */
  traceparent?: string | undefined;
}

export type EventHandler = (tx: Tx, payload: Record<string, unknown>, origin: EventOrigin) => Promise<void>;

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

interface OutboxRow {
  eventId: string;
  topic: string;
  payload: string;
  live: boolean;
  /** Nobody handles it: it is there for those who look on, and counts as delivered. */
  handled: boolean;
}

/** Writes a transaction's events into the outbox (J1), and wakes the delivery, and those who look on, after the commit. */
export class OutboxSink implements TransactionSink {
  /**
   * @param wakeLive tells that there is something new to see in an organization
   */
  constructor(
    private readonly handlers: EventHandlers,
    private readonly queues: Queues,
    private readonly wakeLive: (orgId: string) => void,
  ) {}

  async flush(tx: Tx, events: readonly DomainEvent[]): Promise<void> {
    // A handler may emit in turn: the list grows while it is walked.
    const rows: OutboxRow[] = [];
    for (const { topic, payload } of events) {
      for (const handler of this.handlers.committingOf(topic))
        await handler(tx, payload, { at: tx.now, traceparent: tx.scope.traceparent });
      const [live, handled] = [LIVE.has(topic), this.handlers.deliveredOf(topic).length > 0];
      if (!live && !handled) continue;
      rows.push({ eventId: uuidV7(tx.now.getTime()), topic, payload: JSON.stringify(payload), live, handled });
    }
    if (rows.length === 0) return;
    const { orgId } = tx.scope;
    await tx.query(
      `insert into app.outbox (org_id, event_id, topic, payload, at, live, dispatched_at, traceparent)
       select $1, r.event_id, r.topic, r.payload, $2, r.live, case when not r.handled then $2::timestamptz end, $8::text
       from unnest($3::uuid[], $4::text[], $5::jsonb[], $6::boolean[], $7::boolean[]) as r (event_id, topic, payload, live, handled)`,
      [
        orgId,
        tx.now,
        rows.map((row) => row.eventId),
        rows.map((row) => row.topic),
        rows.map((row) => row.payload),
        rows.map((row) => row.live),
        rows.map((row) => row.handled),
        tx.scope.traceparent ?? null,
      ],
    );
    if (rows.some(({ handled }) => handled)) tx.afterCommit(() => this.queues.wake(EVENTS_QUEUE, { org_id: orgId }));
    if (rows.some(({ live }) => live)) tx.afterCommit(() => this.wakeLive(orgId));
  }
}

/** Delivers what lies in an organization's outbox; several at a time never take the same event. */
export class OutboxDelivery {
  constructor(
    private readonly database: Database,
    private readonly handlers: EventHandlers,
    private readonly metrics: Metrics,
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
    const events = await tx.query<DueEvent>(
      `select event_id, topic, payload, at, traceparent from app.outbox where org_id = $1 and dispatched_at is null
       order by xid, event_id limit ${BATCH} for update skip locked`,
      [tx.scope.orgId],
    );
    for (const event of events) await this.hand(tx, event);
    if (events.length > 0) {
      tx.afterCommit(() => {
        for (const { at } of events) this.metrics.delivered.observe(secondsBetween(at, tx.now));
      });
      await tx.query('update app.outbox set dispatched_at = $2 where org_id = $1 and event_id = any($3)', [
        tx.scope.orgId,
        tx.now,
        events.map((event) => event.event_id),
      ]);
    }
    return events.length;
  }

  /** What comes of an event belongs to the trace of what emitted it. */
  private async hand(tx: Tx, { topic, payload, at, traceparent: parent }: DueEvent): Promise<void> {
    const carryOut = async (traceparent: string | undefined): Promise<void> => {
      for (const handler of this.handlers.deliveredOf(topic)) await handler(tx, payload, { at, traceparent });
    };
    if (parent === null) return carryOut(undefined);
    await inSpan(`deliver ${topic}`, { kind: 'consumer', parent }, (span) => carryOut(span?.traceparent ?? parent));
  }
}

interface DueEvent {
  event_id: string;
  topic: string;
  payload: Record<string, unknown>;
  at: Date;
  traceparent: string | null;
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1_000;
}

function append(map: Map<string, EventHandler[]>, topic: string, handler: EventHandler): void {
  map.set(topic, [...(map.get(topic) ?? []), handler]);
}
