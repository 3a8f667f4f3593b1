import { Injectable } from '@nestjs/common';
import { publicId, type Scope } from '#kernel';
import type { RunTrigger } from '#contracts';
import { Mailbox } from '#fleet';
import { Database } from '#platform';
import { inSpan, traceFields } from '#tracing';
import { removeKeys } from './object-keys.store.js';
import type { RunCounts } from './run.entity.js';
import { RunTally } from './run-counts.rules.js';
import { RunFigures, type RunOutcome } from './run-figures.js';
import { RunEvaluation } from './run-evaluation.service.js';
import { LEASE_MS, RunHandedOver, RunLedger, RunLost, type TakenRun } from './run-ledger.store.js';
import { type RunRequest, strongestTrigger } from './run-scope.rules.js';

const MAX_FAILURES = 5;
/** A run that is asked for, or scheduled, waits so long for the agent; then it judges what is known. */
const PULL_WITHIN_MS = 5_000;
const PULLING = new Set<RunTrigger>(['manual', 'schedule']);

/** What lines of the log say of a run. */
type ToldOfRun = { run_id: string; trace_id?: string };

/** What became of the wish for a run. */
export interface ExecutedRun {
  taken: boolean;
  /** Where it was carried out here to its end. */
  counts?: RunCounts;
  told?: ToldOfRun;
}

/** An attempt of a run went wrong; `cause` says how. */
export class RunFailed extends Error {
  constructor(
    cause: unknown,
    readonly told: ToldOfRun,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The life of a run: taken, kept by its lease, done, failed, or handed over. */
@Injectable()
export class RunsService {
  private readonly ending = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly evaluation: RunEvaluation,
    private readonly mailbox: Mailbox,
    private readonly figures: RunFigures,
  ) {}

  /** This worker ends: runs that are under way go on in another one. */
  handOver(): void {
    this.ending.abort();
  }

  /**
   * Takes an organization's next run and carries it out.
   * @param scope the platform's own
   * @returns whether there was one, and what was counted where this call carried it out to its end
   * @throws RunFailed where an attempt went wrong: it is taken again
   */
  async executeNext(scope: Scope): Promise<ExecutedRun> {
    const run = await this.ledger.takeNext(this.database, scope);
    if (run === undefined) return { taken: false };
    const { runId, clusterId, attempt, requests } = run;
    const attributes = { 'bylaw.run_id': publicId('run', runId), 'bylaw.cluster_id': publicId('cluster', clusterId) };
    const causes = causesOf(requests);
    return inSpan('run', { kind: 'consumer', ...causes, attributes }, async (span) => {
      const traceparent = span?.traceparent ?? causes.parent;
      span?.set({ 'bylaw.attempt': attempt, 'bylaw.trigger': strongestTrigger(requests.map((one) => one.trigger)) });
      const told = { run_id: publicId('run', runId), ...traceFields(span?.traceparent) };
      const within = { ...scope, ...(traceparent !== undefined && { traceparent }) };
      const counts = await this.execute(within, run).catch((cause: unknown) => {
        throw new RunFailed(cause, told);
      });
      span?.set({ 'bylaw.objects': counts?.objects ?? 0, 'bylaw.reused': counts?.reused ?? 0 });
      return { taken: true, ...(counts && { counts, told }) };
    });
  }

  private async execute(scope: Scope, run: TakenRun): Promise<RunCounts | undefined> {
    const tally = new RunTally();
    const begun = performance.now();
    const renewal = setInterval(() => void this.renew(scope, run, tally), LEASE_MS / 3);
    let outcome: RunOutcome = 'failed';
    try {
      outcome = await this.attempt(scope, run, tally);
      return outcome === 'done' ? tally.counts() : undefined;
    } catch (error) {
      if (error instanceof RunLost) {
        outcome = 'lost';
        return undefined;
      }
      await this.noteFailure(scope, run, tally, error);
      throw error;
    } finally {
      clearInterval(renewal);
      this.figures.ended(run.requests, outcome, tally, performance.now() - begun);
    }
  }

  private async attempt(scope: Scope, run: TakenRun, tally: RunTally): Promise<'done' | 'handed_over'> {
    try {
      if (run.requests.some(({ trigger }) => PULLING.has(trigger))) await this.pull(scope, run);
      const { outdatedKeys } = await this.evaluation.carryOut(scope, run, tally, this.ending.signal);
      await this.database.run(scope, async (tx) => {
        await removeKeys(tx, run.clusterId, outdatedKeys);
        await this.ledger.finish(tx, run, { status: 'done', counts: tally.counts() });
      });
      return 'done';
    } catch (error) {
      if (!(error instanceof RunHandedOver)) throw error;
      await this.database.run(scope, (tx) => this.ledger.handOver(tx, run, tally.counts()));
      return 'handed_over';
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
    const begun = performance.now();
    const outcome = await this.mailbox.pull(scope, run.clusterId, PULL_WITHIN_MS);
    this.figures.pulled(outcome, performance.now() - begun);
    await this.database.run(scope, (tx) => this.ledger.noteState(tx, run));
  }

  private async renew(scope: Scope, run: TakenRun, tally: RunTally): Promise<void> {
    // A lost lease shows at the next write of the run itself, which is fenced too.
    await this.database.run(scope, (tx) => this.ledger.fence(tx, run, tally.counts())).catch(() => undefined);
  }
}

/** A run that one thing asked for belongs to its trace; one that took up several wishes points at each. */
function causesOf(requests: readonly RunRequest[]): { parent?: string; links?: string[] } {
  const [first, ...others] = new Set(requests.flatMap(({ traceparent }) => traceparent ?? []));
  if (first === undefined) return {};
  return others.length === 0 ? { parent: first } : { links: [first, ...others] };
}
