import { type PostedTask, PoolWorker, type PoolWorkerEvents } from './pool-worker.js';

/** Enough that a worker never waits for the main thread, few enough that little is judged again when one is ended. */
const TASKS_PER_WORKER = 8;

export interface CrewLimits {
  workers: number;
  /** For each task, in milliseconds. */
  deadlineMs: number;
  /** For each evaluation, in bytes. */
  memoryMaxBytes: number;
}

/**
 * The workers of an EvaluationPool, and where a task may go. An owner on probation gets one worker to himself for one
 * task at a time, and owners on probation together never all of the workers.
 */
export class WorkerCrew {
  private workers: PoolWorker[] = [];
  private reserved: { worker: PoolWorker; owner: string } | undefined;

  constructor(
    private readonly limits: CrewLimits,
    private readonly events: PoolWorkerEvents,
  ) {}

  /** The owner for whom a worker takes nothing new until it is empty. */
  get reservedFor(): string | undefined {
    return this.reserved?.owner;
  }

  /** Lets the reserved worker go on. */
  unreserve(): void {
    this.reserved = undefined;
  }

  /**
   * @param owner of the task
   * @param probation whether he is watched
   * @returns the worker that takes the owner's next task, started where need be; undefined where all are taken
   */
  placeFor(owner: string, probation: boolean): PoolWorker | undefined {
    if (!probation) return this.freest();
    if (this.workers.some((worker) => worker.isAtWorkFor(owner))) return undefined;
    const watched = this.workers.filter((worker) => worker.alone).length;
    if (watched >= Math.max(1, this.limits.workers - 1)) return undefined;
    const idle = this.workers.find((worker) => worker.inFlight.size === 0);
    if (idle !== undefined) return idle;
    if (this.workers.length < this.limits.workers) return this.start();
    const [least] = this.workers.filter((worker) => !worker.alone).sort((a, b) => a.inFlight.size - b.inFlight.size);
    if (least !== undefined) this.reserved ??= { worker: least, owner };
    return undefined;
  }

  /** Hands a task to the worker that placeFor gave. */
  post(worker: PoolWorker, owner: string, task: PostedTask, probation: boolean): void {
    if (probation) this.reserved = undefined;
    worker.post(task, owner, probation);
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    const { workers } = this;
    this.workers = [];
    await Promise.all(workers.map((worker) => worker.stop()));
  }

  private freest(): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (worker.alone || worker === this.reserved?.worker) continue;
      if (worker.inFlight.size < (best?.inFlight.size ?? TASKS_PER_WORKER)) best = worker;
    }
    if (best?.inFlight.size === 0 || this.workers.length >= this.limits.workers) return best;
    return this.start();
  }

  private start(): PoolWorker {
    const { memoryMaxBytes, deadlineMs } = this.limits;
    const started = new PoolWorker({ memoryMaxBytes }, deadlineMs, {
      answered: this.events.answered,
      lost: (worker, loss) => {
        this.workers = this.workers.filter((other) => other !== worker);
        if (this.reserved?.worker === worker) this.reserved = undefined;
        this.events.lost(worker, loss);
      },
    });
    this.workers.push(started);
    return started;
  }
}
