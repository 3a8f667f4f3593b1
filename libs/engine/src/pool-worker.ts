import { Worker } from 'node:worker_threads';
import { currentTask, PROGRESS_BYTES, type WorkerAnswer, type WorkerSetup, type WorkerTask } from './pool-protocol.js';

/** Why a worker is gone, and which of its tasks it was at. */
export interface WorkerLoss {
  culprit: number | undefined;
  reason: string;
}

export interface PoolWorkerEvents {
  answered(worker: PoolWorker, answer: WorkerAnswer): void;
  /** Called once; the worker takes no further tasks. */
  lost(worker: PoolWorker, loss: WorkerLoss): void;
}

/** One worker thread with a watchdog: a task that overruns the deadline ends the thread. */
export class PoolWorker {
  /** The ids of the tasks that were posted and are not answered. */
  readonly inFlight = new Set<number>();
  private readonly worker: Worker;
  private readonly progress: BigInt64Array;
  private watchdog: NodeJS.Timeout | undefined;
  private gone = false;

  /**
   * @param deadlineMs for each task, in milliseconds, from when the worker begins it
   */
  constructor(
    setup: Omit<WorkerSetup, 'progress'>,
    private readonly deadlineMs: number,
    private readonly events: PoolWorkerEvents,
  ) {
    const progress = new SharedArrayBuffer(PROGRESS_BYTES);
    this.progress = new BigInt64Array(progress);
    this.worker = new Worker(new URL('./evaluation-worker.js', import.meta.url), {
      workerData: { ...setup, progress } satisfies WorkerSetup,
    });
    this.worker.unref();
    this.worker.on('message', (answer: WorkerAnswer) => this.receive(answer));
    this.worker.on('error', (error) => this.lose(`the worker failed: ${error.message}`));
    this.worker.on('exit', (code) => this.lose(`the worker ended with code ${code}`));
  }

  /** Queues one task on this worker. */
  post(task: WorkerTask): void {
    if (this.inFlight.size === 0) this.worker.ref();
    this.inFlight.add(task.id);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    this.worker.postMessage(task);
    this.watchdog ??= setTimeout(() => this.watch(), this.deadlineMs);
  }

  /** Ends the thread without telling. */
  async stop(): Promise<void> {
    this.gone = true;
    clearTimeout(this.watchdog);
    await this.worker.terminate();
  }

  private receive(answer: WorkerAnswer): void {
    if (this.gone) return;
    this.inFlight.delete(answer.id);
    this.events.answered(this, answer);
    if (this.inFlight.size > 0) return;
    clearTimeout(this.watchdog);
    this.watchdog = undefined;
    this.worker.unref();
  }

  /** Looks at what the worker is doing now, not at which answers have arrived: the main thread may have been busy. */
  private watch(): void {
    const task = currentTask(this.progress);
    const ran = task === undefined ? 0 : Number(process.hrtime.bigint() - task.startedAt) / 1e6;
    if (ran < this.deadlineMs) {
      this.watchdog = setTimeout(() => this.watch(), this.deadlineMs - ran);
      return;
    }
    this.lose(`timed out after ${this.deadlineMs} ms`);
  }

  private lose(reason: string): void {
    if (this.gone) return;
    const culprit = currentTask(this.progress)?.id;
    void this.stop();
    this.events.lost(this, { culprit, reason });
  }
}
