import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { systemScope } from '#kernel';
import { RunFailed, RUNS_QUEUE, RunsService } from '#evaluation';
import { EVENTS_QUEUE } from '#platform';
import { Dispatcher } from './dispatcher.js';
import { GitWorker } from './git-worker.js';
import { Housekeeping } from './housekeeping.js';
import { Sweeps } from './sweeps.js';
import { WorkerPorts } from './worker-ports.js';

/** How often work is looked for whose wake-up was lost, or whose worker went silent. */
const SWEEP_MS = 2_000;
const CONNECTION_SWEEP_MS = 15_000;
const DAYS_MS = 600_000;
const PARTITIONS_MS = 6 * 3_600_000;
const CONCURRENT_RUNS = 3;
const CONCURRENT_DELIVERIES = 3;

/** Takes wake-ups, and finds by itself what nobody woke it for (J2). */
@Injectable()
export class WorkerService implements BeforeApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly busy = new Set<Promise<void>>();
  private readonly runsOf: Dispatcher;
  private stopping = false;

  constructor(
    private readonly runs: RunsService,
    private readonly sweeps: Sweeps,
    private readonly housekeeping: Housekeeping,
    private readonly git: GitWorker,
    private readonly ports: WorkerPorts,
  ) {
    this.runsOf = new Dispatcher(
      CONCURRENT_RUNS,
      (orgId) => this.execute(orgId),
      (orgId, error) => {
        const { told, cause } = error instanceof RunFailed ? error : { told: {}, cause: error };
        ports.logger.error({ err: cause, org_id: orgId, ...told }, 'run');
      },
    );
  }

  /** Begins to serve. */
  start(): void {
    const { queues } = this.ports;
    queues.serve(EVENTS_QUEUE, CONCURRENT_DELIVERIES, ({ org_id }) => this.sweeps.deliver(org_id));
    queues.serve(RUNS_QUEUE, 1, async ({ org_id }) => this.runsOf.notice(org_id));
    this.git.serve();
    const noticed = {
      runs: (orgId: string): void => this.runsOf.notice(orgId),
      git: (orgId: string): void => this.git.notice(orgId),
    };
    this.every(SWEEP_MS, () => this.sweeps.work(noticed, () => this.stopping));
    this.every(CONNECTION_SWEEP_MS, () => this.housekeeping.connections());
    this.every(DAYS_MS, () => this.housekeeping.days());
    this.every(DAYS_MS, () => this.git.forget());
    this.every(PARTITIONS_MS, () => this.housekeeping.partitions());
  }

  /**
   * Ends the sweeps and takes no further job; runs go on in another worker from their present chunk on. What is at work is
   * finished before anything it needs is closed.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.runs.handOver();
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all([...this.busy, this.runsOf.stop(), this.git.stop(), this.ports.queues.stopServing()]);
  }

  private async execute(orgId: string): Promise<boolean> {
    const begun = performance.now();
    const { taken, counts, told } = await this.runs.executeNext(systemScope(orgId, 'run'));
    // Whoever else is idle may take the organization's next.
    if (taken) this.ports.queues.wake(RUNS_QUEUE, { org_id: orgId });
    if (counts === undefined) return taken;
    const ms = Math.round(performance.now() - begun);
    this.ports.logger.debug({ org_id: orgId, ...told, ms, ...counts }, 'run');
    return true;
  }

  /** One sweep at a time, however long it takes. */
  private every(ms: number, work: () => Promise<void>): void {
    let running = false;
    const timer = setInterval(() => {
      if (running || this.stopping) return;
      running = true;
      const done = work()
        .catch((error: unknown) => this.ports.logger.warn({ err: error }, 'sweep'))
        .finally(() => {
          running = false;
          this.busy.delete(done);
        });
      this.busy.add(done);
    }, ms);
    this.timers.push(timer);
  }
}
