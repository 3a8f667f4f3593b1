import type { ObjectLiteral, Repository } from 'typeorm';
import type { Scope } from '#kernel';

/** What happened, for those to the right of it: kept in the outbox until they have taken it (J1). */
export interface DomainEvent {
  topic: string;
  payload: Record<string, unknown>;
}

/** One line of the audit log: the rest (who, when, the chain) is added when it is written. */
export interface AuditEntry {
  action: string;
  subject: string;
  before?: unknown;
  after?: unknown;
}

/** What can be read in one transaction of one organization. */
export interface ReadTx {
  readonly scope: Scope;
  /** The platform's commit time (P2), in whole milliseconds. */
  readonly now: Date;
  /** Runs SQL as the organization; rows come as plain objects. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /**
   * Reads any number of rows through a cursor of the server: one chunk at a time is in memory.
   * @returns chunks of rows, at least one, which may be empty; each is emptied when the next one is asked for
   */
  chunks<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): AsyncGenerator<Row[]>;
}

/** One transaction of one organization. */
export interface Tx extends ReadTx {
  /** TypeORM's repository of an entity, inside this transaction. */
  repository<Entity extends ObjectLiteral>(entity: new () => Entity): Repository<Entity>;
  /** Leaves an event in the outbox, committed with the rest. */
  emit(event: DomainEvent): void;
  /** Leaves a line in the audit log, committed with the rest. */
  audit(entry: AuditEntry): void;
  /** Runs after the commit, never after a rollback; a failure there is logged and changes nothing. */
  afterCommit(action: () => void): void;
}

/** Writes what a transaction collected, as its last statements before the commit. */
export interface TransactionSink {
  flush(tx: Tx, events: readonly DomainEvent[], entries: readonly AuditEntry[]): Promise<void>;
}
