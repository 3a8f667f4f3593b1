import type { EntityManager, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import type { Clock, Scope } from '#kernel';
import type { AuditEntry, DomainEvent, Tx } from './transaction.js';

/** Rows of one chunk of a cursor: enough that the way to Postgres costs little, few enough for any row. */
const CHUNK_ROWS = 200;

/** Makes the transaction one of organization `$1`, and tells the platform's time. */
export const AS_ORGANIZATION = `select set_config('bylaw.org_id', $1, true), date_trunc('milliseconds', clock_timestamp()) as now`;

/** One transaction on one connection. */
export class UnitOfWork implements Tx {
  now = new Date(0);
  readonly events: DomainEvent[] = [];
  readonly entries: AuditEntry[] = [];
  private followUps: (() => void)[] = [];
  private cursors = 0;

  constructor(
    readonly scope: Scope,
    private readonly runner: QueryRunner,
  ) {}

  async begin(clock: Clock | undefined): Promise<void> {
    const rows = await this.query<{ now: Date }>(AS_ORGANIZATION, [this.scope.orgId]);
    this.now = clock === undefined ? (rows[0]?.now ?? new Date(0)) : new Date(clock.now());
  }

  /** @returns the process of Postgres that works for this transaction */
  async beginReading(clock: Clock | undefined): Promise<number> {
    await this.query('set transaction read only');
    // Everything is read: the plan that is fastest to the last row, not to the first.
    await this.query('set local cursor_tuple_fraction = 1');
    await this.begin(clock);
    const rows = await this.query<{ backend: number }>('select pg_backend_pid() as backend');
    return rows[0]?.backend ?? 0;
  }

  async *chunks<Row>(sql: string, parameters: readonly unknown[] = []): AsyncGenerator<Row[]> {
    const name = `rows_${++this.cursors}`;
    await this.query(`declare ${name} no scroll cursor for ${sql}`, parameters);
    for (;;) {
      const rows = await this.query<Row>(`fetch ${CHUNK_ROWS} from ${name}`);
      const last = rows.length < CHUNK_ROWS;
      yield rows;
      if (last) return;
      // Promises that were answered with it keep it for long in the heap's old part: empty, it weighs nothing there.
      rows.length = 0;
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const result: unknown = await this.runner.query(sql, [...parameters], true).then((answer) => answer.records ?? []);
    return result as Row[];
  }

  repository<Entity extends ObjectLiteral>(entity: new () => Entity): Repository<Entity> {
    return (this.runner.manager as EntityManager).getRepository(entity);
  }

  emit(event: DomainEvent): void {
    this.events.push(event);
  }

  audit(entry: AuditEntry): void {
    this.entries.push(entry);
  }

  afterCommit(action: () => void): void {
    this.followUps.push(action);
  }

  dropFollowUps(): void {
    this.followUps = [];
  }

  /** What follows a savepoint follows the whole transaction. */
  handFollowUps(outer: UnitOfWork): void {
    outer.followUps.push(...this.followUps);
  }

  followUp(onError: (error: unknown) => void): void {
    for (const action of this.followUps) {
      try {
        action();
      } catch (error) {
        onError(error);
      }
    }
  }
}
