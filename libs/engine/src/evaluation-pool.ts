import { availableParallelism } from 'node:os';
import { DEFAULT_MEMORY_MAX_BYTES, inputJson, narrow } from './module-evaluator.js';
import type { PolicyInfo } from './policy.js';
import { decodeVerdicts, type WorkerAnswer } from './pool-protocol.js';
import { PoolWorker, type WorkerLoss } from './pool-worker.js';
import { errorVerdict, type EvaluationRequest, type PolicyVerdict } from './verdict.js';

/** Enough that a worker never waits for the main thread, few enough that little is judged again when one is ended. */
const TASKS_PER_WORKER = 8;

export interface EvaluationPoolOptions {
  /** The module as bytes, or compiled already. */
  wasm: Uint8Array | WebAssembly.Module;
  /** The policies of the module. */
  policies: readonly PolicyInfo[];
  /** Threads; one per core unless given: the main thread mostly waits for Postgres. */
  workers?: number;
  /** For one object, in milliseconds; 1000 unless given. */
  deadlineMs?: number;
  /** For one evaluation, in bytes; 64 MiB unless given. */
  memoryMaxBytes?: number;
  /** After so many deadlines missed by one policy it is not run again (H2); 5 unless given. */
  quarantineAfter?: number;
}

interface Task {
  policies: readonly string[];
  input: string;
  resolve(verdicts: PolicyVerdict[]): void;
  reject(loss: LostTask): void;
}

class LostTask extends Error {}

/** Judges objects in worker threads under a deadline and a memory cap; what hangs costs only its own verdict (H1, H2). */
export class EvaluationPool {
  readonly policies: ReadonlyMap<string, PolicyInfo>;
  private readonly module: WebAssembly.Module;
  private readonly limits: Required<Omit<EvaluationPoolOptions, 'wasm' | 'policies'>>;
  private readonly queue: number[] = [];
  private readonly tasks = new Map<number, Task>();
  private readonly strikes = new Map<string, number>();
  private workers: PoolWorker[] = [];
  private lastId = 0;
  private closed = false;

  constructor(options: EvaluationPoolOptions) {
    this.policies = new Map(options.policies.map((policy) => [policy.slug, policy]));
    this.module = ArrayBuffer.isView(options.wasm) ? new WebAssembly.Module(options.wasm) : options.wasm;
    this.limits = {
      workers: options.workers ?? availableParallelism(),
      deadlineMs: options.deadlineMs ?? 1000,
      memoryMaxBytes: options.memoryMaxBytes ?? DEFAULT_MEMORY_MAX_BYTES,
      quarantineAfter: options.quarantineAfter ?? 5,
    };
  }

  /**
   * Judges one object by the policies that are keys of `params`. Calls are spread over the workers and end in any
   * order.
   * @returns one verdict a policy, in the order of the keys; a policy that throws, hangs or takes too much memory gets
   * `error` with its reason, the others keep theirs
   * @throws Error where the pool is closed
   */
  async evaluate(request: EvaluationRequest): Promise<PolicyVerdict[]> {
    const policies = Object.keys(request.params);
    const refused = new Map<string, PolicyVerdict>();
    for (const policy of policies) {
      const reason = this.refusal(policy);
      if (reason !== undefined) refused.set(policy, errorVerdict(policy, reason));
    }
    if (refused.size === 0) return this.judge(request, policies);
    const judged = await this.judge(
      request,
      policies.filter((policy) => !refused.has(policy)),
    );
    const byPolicy = new Map(judged.map((verdict) => [verdict.policy, verdict]));
    return policies.flatMap((policy) => refused.get(policy) ?? byPolicy.get(policy) ?? []);
  }

  /** The policies that are not run any more, because they missed the deadline too often. */
  get quarantined(): string[] {
    return [...this.strikes].filter(([, count]) => count >= this.limits.quarantineAfter).map(([policy]) => policy);
  }

  /** Ends the workers; evaluations that were waiting are rejected. */
  async close(): Promise<void> {
    this.closed = true;
    const { workers } = this;
    this.workers = [];
    await Promise.all(workers.map((worker) => worker.stop()));
    for (const task of this.tasks.values()) task.reject(new Error('the evaluation pool was closed'));
    this.tasks.clear();
  }

  private refusal(policy: string): string | undefined {
    if (!this.policies.has(policy)) return `the module has no policy ${policy}`;
    if ((this.strikes.get(policy) ?? 0) < this.limits.quarantineAfter) return undefined;
    return `quarantined: it missed the deadline ${this.limits.quarantineAfter} times`;
  }

  private async judge(request: EvaluationRequest, policies: readonly string[]): Promise<PolicyVerdict[]> {
    if (policies.length === 0) return [];
    const input = inputJson(narrow(request, policies));
    try {
      return await this.submit(policies, input);
    } catch (error) {
      if (!(error instanceof LostTask)) throw error;
      return this.halve(request, policies, error.message);
    }
  }

  private async halve(
    request: EvaluationRequest,
    policies: readonly string[],
    reason: string,
  ): Promise<PolicyVerdict[]> {
    const [only] = policies;
    if (policies.length === 1 && only !== undefined) {
      this.strikes.set(only, (this.strikes.get(only) ?? 0) + 1);
      return [errorVerdict(only, reason)];
    }
    const middle = Math.ceil(policies.length / 2);
    const halves = [policies.slice(0, middle), policies.slice(middle)];
    return (await Promise.all(halves.map((half) => this.judge(request, half)))).flat();
  }

  private submit(policies: readonly string[], input: string): Promise<PolicyVerdict[]> {
    if (this.closed) return Promise.reject(new Error('the evaluation pool was closed'));
    return new Promise((resolve, reject) => {
      this.lastId += 1;
      this.tasks.set(this.lastId, { policies, input, resolve, reject });
      this.queue.push(this.lastId);
      this.dispatch();
    });
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const worker = this.freest();
      if (worker === undefined) return;
      const id = this.queue.shift();
      const task = id === undefined ? undefined : this.tasks.get(id);
      if (id !== undefined && task !== undefined) worker.post({ id, policies: task.policies, input: task.input });
    }
  }

  private freest(): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    for (const worker of this.workers)
      if (worker.inFlight.size < (best?.inFlight.size ?? TASKS_PER_WORKER)) best = worker;
    if (best?.inFlight.size === 0 || this.workers.length >= this.limits.workers) return best;
    const started = new PoolWorker(
      { module: this.module, memoryMaxBytes: this.limits.memoryMaxBytes },
      this.limits.deadlineMs,
      {
        answered: (_worker, answer) => this.answered(answer),
        lost: (worker, loss) => this.lost(worker, loss),
      },
    );
    this.workers.push(started);
    return started;
  }

  private answered({ id, verdicts }: WorkerAnswer): void {
    const task = this.tasks.get(id);
    this.tasks.delete(id);
    task?.resolve(decodeVerdicts(task.policies, verdicts));
    this.dispatch();
  }

  /** The task that the worker was at is given back to be halved; the others queue again, first in line. */
  private lost(worker: PoolWorker, { culprit, reason }: WorkerLoss): void {
    this.workers = this.workers.filter((other) => other !== worker);
    const culprits = culprit === undefined ? [...worker.inFlight] : [culprit];
    this.queue.unshift(...[...worker.inFlight].filter((id) => !culprits.includes(id)));
    for (const id of culprits) {
      const task = this.tasks.get(id);
      this.tasks.delete(id);
      task?.reject(new LostTask(reason));
    }
    this.dispatch();
  }
}
