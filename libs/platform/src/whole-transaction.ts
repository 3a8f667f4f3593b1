import pLimit from 'p-limit';
import type { QueryRunner } from 'typeorm';
import type { Scope } from '#kernel';
import type { TransactionSink, Tx } from './transaction.js';
import { UnitOfWork } from './unit-of-work.js';

/** One transaction that several calls of `run` belong to, each in a savepoint: what one of them throws undoes it alone. */
export class WholeTransaction {
  private readonly joined: UnitOfWork[] = [];
  private readonly turns = pLimit(1);
  private closed = false;

  constructor(
    private readonly outer: UnitOfWork,
    private readonly runner: QueryRunner,
    private readonly sinks: readonly TransactionSink[],
  ) {}

  /** Whether it takes this call in: not those of other organizations, nor of what went on after its end. */
  takesIn(scope: Scope): boolean {
    return !this.closed && scope.orgId === this.outer.scope.orgId;
  }

  /** Savepoints nest and can't interleave: calls that come at the same time wait for each other. */
  join<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.turns(() => this.savepoint(scope, work));
  }

  /** Takes nothing in any more, and waits for what was taken. */
  async close(): Promise<void> {
    this.closed = true;
    await this.turns(() => undefined);
  }

  /** The audit log's head is locked here, as the last statements, whoever wrote to it before (J1). */
  async flush(): Promise<void> {
    for (const unit of [...this.joined, this.outer])
      for (const sink of this.sinks) await sink.flush(unit, [], unit.entries);
  }

  /** Runs what comes from inside of a call that was taken in. */
  async savepoint<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const unit = new UnitOfWork(scope, this.runner);
    unit.now = this.outer.now;
    await this.runner.startTransaction();
    try {
      const result = await work(unit);
      for (const sink of this.sinks) await sink.flush(unit, unit.events, []);
      await this.runner.commitTransaction();
      this.joined.push(unit);
      unit.handFollowUps(this.outer);
      return result;
    } catch (error) {
      await this.runner.rollbackTransaction();
      throw error;
    }
  }
}
