import { Worker } from 'node:worker_threads';
import { OUT_OF_MEMORY } from './evaluation-error.js';
import type { EvaluationInput } from './module-evaluator.js';
import {
  currentProgress,
  PROGRESS_BYTES,
  type WorkerAnswer,
  type WorkerSetup,
  type WorkerTask,
} from './pool-protocol.js';
import type { FixTrial } from './verdict.js';

/** How many modules a worker keeps; the least recently used goes. */
const MODULES_KEPT = 16;

/** The JavaScript heap of a worker, where the host's functions work; WASM's memory lies outside it. */
const HEAP_MIB = 256;

/** A task with its module; whether it is sent along is the worker's business. */
export interface PostedTask {
  id: number;
  module: WebAssembly.Module;
  policies: readonly string[];
  input: EvaluationInput;
  fixes: FixTrial | undefined;
}

/** Why a worker is gone, and which of its tasks it was at. */
export interface WorkerLoss {
  culprit: number | undefined;
  /** Whether it tried one of the culprit's fixes. */
  tryingFix: boolean;
  reason: string;
}

export interface PoolWorkerEvents {
  answered(worker: PoolWorker, answer: WorkerAnswer): void;
  /** Called once; the worker takes no further tasks. */
  lost(worker: PoolWorker, loss: WorkerLoss): void;
}

/** One worker thread with a watchdog: a task that overruns the deadline ends the thread. */
export class PoolWorker {
  /** The tasks that were posted and are not answered, by id, with their owners. */
  readonly inFlight = new Map<number, string>();
  /** Whether its only task is to have no neighbours. */
  alone = false;
  private readonly worker: Worker;
  /** The modules that it has, by the numbers under which it knows them, the least recently used first. */
  private readonly modules = new Map<WebAssembly.Module, number>();
  private lastModule = 0;
  private readonly progress: BigInt64Array;
  private watchdog: NodeJS.Timeout | undefined;
  private gone = false;

  /**
   * @param deadlineMs for each evaluation, in milliseconds, from when the worker begins it
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
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    this.worker.unref();
    this.worker.on('message', (answer: WorkerAnswer) => this.receive(answer));
    this.worker.on('error', (error) => this.lose(failureReason(error)));
    this.worker.on('exit', (code) => this.lose(`the worker ended with code ${code}`));
  }

  /**
   * Queues one task on this worker.
   * @param owner of the task
   * @param alone nothing else is to be queued behind it
   */
  post(task: PostedTask, owner: string, alone: boolean): void {
    this.alone = alone;
    if (this.inFlight.size === 0) this.worker.ref();
    this.inFlight.set(task.id, owner);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    this.worker.postMessage(this.messageOf(task));
    this.watchdog ??= setTimeout(() => this.watch(), this.deadlineMs);
  }

  /** @returns whether a task of the owner was posted and is not answered */
  isAtWorkFor(owner: string): boolean {
    return [...this.inFlight.values()].includes(owner);
  }

  /** A module goes over once, afterwards its number does. */
  private messageOf({ module: compiled, ...task }: PostedTask): WorkerTask {
    const known = this.modules.get(compiled);
    this.modules.delete(compiled);
    const module = known ?? (this.lastModule += 1);
    this.modules.set(compiled, module);
    if (known !== undefined) return { ...task, module };
    const [oldest] = this.modules;
    if (this.modules.size <= MODULES_KEPT || oldest === undefined) return { ...task, module, compiled };
    this.modules.delete(oldest[0]);
    return { ...task, module, compiled, drop: oldest[1] };
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
    this.alone = false;
    this.events.answered(this, answer);
    if (this.inFlight.size > 0) return;
    clearTimeout(this.watchdog);
    this.watchdog = undefined;
    this.worker.unref();
  }

  /** Looks at what the worker is doing now, not at which answers have arrived: the main thread may have been busy. */
  private watch(): void {
    const task = currentProgress(this.progress);
    const ran = task === undefined ? 0 : Number(process.hrtime.bigint() - task.startedAt) / 1e6;
    if (ran < this.deadlineMs) {
      this.watchdog = setTimeout(() => this.watch(), this.deadlineMs - ran);
      return;
    }
    this.lose(`timed out after ${this.deadlineMs} ms`);
  }

  private lose(reason: string): void {
    if (this.gone) return;
    const at = currentProgress(this.progress);
    void this.stop();
    this.events.lost(this, { culprit: at?.id, tryingFix: at?.tryingFix === true, reason });
  }
}

function failureReason(error: Error & { code?: string }): string {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return `the worker failed: ${error.message}`;
  return `${OUT_OF_MEMORY}: the host's functions needed more than ${HEAP_MIB} MiB for the policy`;
}
