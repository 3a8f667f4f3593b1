import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import type { RunTrigger } from '#contracts';
import { Mailbox } from '#fleet';
import { Database } from '#platform';
import { removeKeys } from './object-keys.store.js';
import type { RunCounts } from './run.entity.js';
import { RunTally } from './run-counts.rules.js';
import { RunEvaluation } from './run-evaluation.service.js';
import { LEASE_MS, RunHandedOver, RunLedger, RunLost, type TakenRun } from './run-ledger.store.js';

const MAX_FAILURES = 5;
/** A run that is asked for, or scheduled, waits so long for the agent; then it judges what is known. */
const PULL_WITHIN_MS = 5_000;
const PULLING = new Set<RunTrigger>(['manual', 'schedule']);

/** The life of a run: taken, kept by its lease, done, failed, or handed over. */
@Injectable()
export class RunsService {
  private readonly ending = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly evaluation: RunEvaluation,
    private readonly mailbox: Mailbox,
  ) {}

  /** This worker ends: runs that are under way go on in another one. */
  handOver(): void {
    this.ending.abort();
  }

  /**
   * Takes an organization's next run and carries it out.
   * @param scope the platform's own
   * @returns whether there was one, and what was counted where this call carried it out to its end
   */
  async executeNext(scope: Scope): Promise<{ taken: boolean; counts?: RunCounts }> {
    const run = await this.ledger.takeNext(this.database, scope);
    if (run === undefined) return { taken: false };
    const counts = await this.execute(scope, run);
    return { taken: true, ...(counts && { counts }) };
  }

  private async execute(scope: Scope, run: TakenRun): Promise<RunCounts | undefined> {
    const tally = new RunTally();
    const renewal = setInterval(() => void this.renew(scope, run, tally), LEASE_MS / 3);
    try {
      if (run.requests.some(({ trigger }) => PULLING.has(trigger))) await this.pull(scope, run);
      const { outdatedKeys } = await this.evaluation.carryOut(scope, run, tally, this.ending.signal);
      await this.database.run(scope, async (tx) => {
        await removeKeys(tx, run.clusterId, outdatedKeys);
        await this.ledger.finish(tx, run, { status: 'done', counts: tally.counts() });
      });
      return tally.counts();
    } catch (error) {
      if (error instanceof RunLost) return undefined;
      if (error instanceof RunHandedOver) {
        await this.database.run(scope, (tx) => this.ledger.handOver(tx, run, tally.counts()));
        return undefined;
      }
      await this.noteFailure(scope, run, tally, error);
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** A run that fails again and again would hold up its cluster for ever: it ends as failed, with the reason. */
  private async noteFailure(scope: Scope, run: TakenRun, tally: RunTally, error: unknown): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const failures = await this.ledger.noteFailure(tx, run);
      if (failures < MAX_FAILURES) return;
      const reason = `${failures} attempts failed, the last with: ${error instanceof Error ? error.message : String(error)}`;
      await this.ledger.finish(tx, run, { status: 'failed', counts: tally.counts(), error: reason });
    });
  }

  /** Who looks again at everything wants to see what is there now, not what was told last (DESIGN §4). */
  private async pull(scope: Scope, run: TakenRun): Promise<void> {
    await this.mailbox.pull(scope, run.clusterId, PULL_WITHIN_MS);
    await this.database.run(scope, (tx) => this.ledger.noteState(tx, run));
  }

  private async renew(scope: Scope, run: TakenRun, tally: RunTally): Promise<void> {
    // A lost lease shows at the next write of the run itself, which is fenced too.
    await this.database.run(scope, (tx) => this.ledger.fence(tx, run, tally.counts())).catch(() => undefined);
  }
}
