import { availableParallelism } from 'node:os';
import { FairQueue } from './fair-queue.js';
import { withoutFixes } from './fixes.js';
import { DEFAULT_MEMORY_MAX_BYTES, type EvaluationInput, inputOf, narrow } from './module-evaluator.js';
import type { PolicyModule } from './policy-module.js';
import { decodeVerdicts, type WorkerAnswer } from './pool-protocol.js';
import type { PoolWorker, WorkerLoss } from './pool-worker.js';
import { type QuarantineEvent, Strikes } from './strikes.js';
import { errorVerdict, type EvaluationRequest, type FixTrial, type PolicyVerdict } from './verdict.js';
import { WorkerCrew } from './worker-crew.js';

const PROBATION_MS = 60_000;

export interface EvaluationPoolOptions {
  /** Threads; one per core, and at least two, unless given: the main thread mostly waits for Postgres. */
  workers?: number;
  /** For one object, in milliseconds; 1000 unless given. */
  deadlineMs?: number;
  /** For one evaluation, in bytes; 64 MiB unless given. */
  memoryMaxBytes?: number;
  /** After so many strikes (deadline missed, memory exhausted) a version of a policy is not run again (H2); 5 unless given. */
  quarantineAfter?: number;
  /** Told once of each version of a policy that is not run any more. */
  onQuarantine?: (event: QuarantineEvent) => void;
  /** Told of each evaluation that ended by itself: of how many policies, and how many seconds its worker was at it. */
  onEvaluated?: (policies: number, seconds: number) => void;
  /**
   * For so long after a strike an owner has at most one evaluation going, alone in its worker, in milliseconds; 60,000
   * unless given. 0 where there is one owner only: there is nobody to protect.
   */
  probationMs?: number;
  /** The time in milliseconds; Date.now unless given. */
  now?: () => number;
}

interface Task {
  module: PolicyModule;
  policies: readonly string[];
  input: EvaluationInput;
  fixes: FixTrial | undefined;
  resolve(verdicts: PolicyVerdict[]): void;
  reject(error: Error): void;
}

/** What is asked of an object: by which policies of which module, and what becomes of their fixes. */
interface Asked {
  module: PolicyModule;
  request: EvaluationRequest;
  fixes: FixTrial | undefined;
}

/** The worker was ended while it was at the task. */
class LostTask extends Error {
  constructor(
    readonly reason: string,
    readonly tryingFix: boolean,
  ) {
    super(reason);
  }
}

/** One of the task's policies was quarantined while it waited. */
class StaleTask extends Error {}

/**
 * Judges objects by any number of modules in worker threads, under a deadline and a memory cap. What hangs or takes too
 * much costs only its own verdict (H1, H2); owners take turns.
 */
export class EvaluationPool {
  private readonly queue = new FairQueue();
  private readonly tasks = new Map<number, Task>();
  private readonly strikes: Strikes;
  private readonly crew: WorkerCrew;
  private readonly onEvaluated: (policies: number, seconds: number) => void;
  private lastId = 0;
  private closed = false;

  constructor(options: EvaluationPoolOptions = {}) {
    this.strikes = new Strikes(
      options.quarantineAfter ?? 5,
      options.probationMs ?? PROBATION_MS,
      options.now ?? Date.now,
      options.onQuarantine ?? (() => undefined),
    );
    this.onEvaluated = options.onEvaluated ?? (() => undefined);
    const limits = {
      workers: options.workers ?? Math.max(2, availableParallelism()),
      deadlineMs: options.deadlineMs ?? 1000,
      memoryMaxBytes: options.memoryMaxBytes ?? DEFAULT_MEMORY_MAX_BYTES,
    };
    this.crew = new WorkerCrew(limits, {
      answered: (_worker, answer) => this.answered(answer),
      lost: (worker, loss) => this.lost(worker, loss),
    });
  }

  /**
   * Judges one object by the policies that are keys of `params`. Calls are spread over the workers and end in any
   * order.
   * @param module that has the policies
   * @param fixes how the policies' fixes are tried; as they are given unless said
   * @returns one verdict a policy, in the order of the keys; a policy that throws, hangs or takes too much memory gets
   * `error` with its reason, the others keep theirs; one that does so on an object that its fix was applied to keeps its
   * verdict without fixes
   * @throws Error where the pool is closed
   */
  evaluate(module: PolicyModule, request: EvaluationRequest, fixes?: FixTrial): Promise<PolicyVerdict[]> {
    return this.evaluateSome({ module, request, fixes }, Object.keys(request.params));
  }

  /** How many evaluations are under way or wait for a worker. */
  get open(): number {
    return this.tasks.size;
  }

  /** The versions of policies that are not run any more, with their reasons. */
  get quarantined(): QuarantineEvent[] {
    return this.strikes.quarantined;
  }

  /**
   * Runs a policy again, whichever version of it was quarantined; its strikes are forgotten.
   * @param owner of its module
   * @param policy slug
   */
  lift(owner: string, policy: string): void {
    this.strikes.lift(owner, policy);
  }

  /** Ends the workers; evaluations that were waiting are rejected. */
  async close(): Promise<void> {
    this.closed = true;
    await this.crew.close();
    for (const task of this.tasks.values()) task.reject(new Error('the evaluation pool was closed'));
    this.tasks.clear();
    this.queue.clear();
  }

  /** A policy with strikes runs by itself: when it goes too far again, there is nobody to be judged once more. */
  private async evaluateSome(asked: Asked, policies: readonly string[]): Promise<PolicyVerdict[]> {
    const apart = this.apart(asked.module, policies);
    if (apart.length === 0) return this.judge(asked, policies);
    const verdicts = await Promise.all([
      this.judge(
        asked,
        policies.filter((policy) => !apart.includes(policy)),
      ),
      ...apart.map((policy) => {
        const reason = this.refusal(asked.module, policy);
        return reason === undefined ? this.judge(asked, [policy]) : [errorVerdict(policy, reason)];
      }),
    ]);
    const byPolicy = new Map(verdicts.flat().map((verdict) => [verdict.policy, verdict]));
    return policies.flatMap((policy) => byPolicy.get(policy) ?? []);
  }

  private apart({ owner, key, policies: known }: PolicyModule, policies: readonly string[]): string[] {
    if (this.strikes.isClean(owner)) return policies.filter((policy) => !known.has(policy));
    return policies.filter((policy) => !known.has(policy) || this.strikes.hasStruck({ owner, policy, key }));
  }

  private refusal({ owner, key, policies }: PolicyModule, policy: string): string | undefined {
    if (!policies.has(policy)) return `the module has no policy ${policy}`;
    return this.strikes.refusal({ owner, policy, key });
  }

  private async judge(asked: Asked, policies: readonly string[]): Promise<PolicyVerdict[]> {
    if (policies.length === 0) return [];
    try {
      return await this.submit(asked, policies);
    } catch (error) {
      if (error instanceof StaleTask) return this.evaluateSome(asked, policies);
      if (!(error instanceof LostTask)) throw error;
      return this.halve(asked, policies, error);
    }
  }

  private async halve(
    asked: Asked,
    policies: readonly string[],
    { reason, tryingFix }: LostTask,
  ): Promise<PolicyVerdict[]> {
    const [only] = policies;
    if (policies.length === 1 && only !== undefined) {
      const { owner, key } = asked.module;
      this.strikes.add({ owner, policy: only, key }, reason);
      if (!tryingFix) return [errorVerdict(only, reason)];
      return (await this.judge({ ...asked, fixes: undefined }, policies)).map(withoutFixes);
    }
    const middle = Math.ceil(policies.length / 2);
    const halves = [policies.slice(0, middle), policies.slice(middle)];
    return (await Promise.all(halves.map((half) => this.judge(asked, half)))).flat();
  }

  private submit({ module, request, fixes }: Asked, policies: readonly string[]): Promise<PolicyVerdict[]> {
    if (this.closed) return Promise.reject(new Error('the evaluation pool was closed'));
    const input = inputOf(narrow(request, policies));
    return new Promise((resolve, reject) => {
      this.lastId += 1;
      this.tasks.set(this.lastId, { module, policies, input, fixes, resolve, reject });
      this.queue.push(module.owner, this.lastId);
      this.dispatch();
    });
  }

  private dispatch(): void {
    if (this.closed) return;
    const { reservedFor } = this.crew;
    if (reservedFor !== undefined && !(this.queue.has(reservedFor) && this.strikes.isOnProbation(reservedFor))) {
      this.crew.unreserve();
    }
    for (;;) {
      const next = this.queue.take((owner) => this.crew.placeFor(owner, this.strikes.isOnProbation(owner)));
      if (next === undefined) return;
      const task = this.tasks.get(next.id);
      if (task === undefined) continue;
      const { module, policies, input, fixes } = task;
      if (this.isStale(task)) {
        this.tasks.delete(next.id);
        task.reject(new StaleTask());
        continue;
      }
      const posted = { id: next.id, module: module.module, policies, input, fixes };
      this.crew.post(next.place, module.owner, posted, this.strikes.isOnProbation(module.owner));
    }
  }

  private isStale({ module, policies }: Task): boolean {
    if (this.strikes.isClean(module.owner)) return false;
    return policies.some((policy) => this.refusal(module, policy) !== undefined);
  }

  private answered({ id, verdicts, exhausted = [], took }: WorkerAnswer): void {
    const task = this.tasks.get(id);
    this.tasks.delete(id);
    if (task !== undefined) {
      this.onEvaluated(task.policies.length, took / 1e9);
      const { owner, key } = task.module;
      for (const { policy, reason } of exhausted) this.strikes.add({ owner, policy, key }, reason);
      task.resolve(decodeVerdicts(task.policies, verdicts));
    }
    this.dispatch();
  }

  /** The task that the worker was at is given back to be halved; the others queue again, other owners' first in line. */
  private lost(worker: PoolWorker, { culprit, tryingFix, reason }: WorkerLoss): void {
    const culprits = culprit === undefined ? [...worker.inFlight.keys()] : [culprit];
    const owners = new Set(culprits.flatMap((id) => this.tasks.get(id)?.module.owner ?? []));
    if (culprit !== undefined) for (const owner of owners) this.strikes.suspect(owner);
    const others = [...worker.inFlight.keys()].flatMap((id) => {
      const owner = this.tasks.get(id)?.module.owner;
      return owner === undefined || culprits.includes(id) ? [] : [{ owner, id }];
    });
    this.queue.putFirst(others.filter(({ owner }) => !owners.has(owner)));
    for (const owner of owners)
      this.queue.putBack(
        owner,
        others.filter((task) => task.owner === owner).map(({ id }) => id),
      );
    for (const id of culprits) {
      const task = this.tasks.get(id);
      this.tasks.delete(id);
      task?.reject(new LostTask(reason, tryingFix));
    }
    this.dispatch();
  }
}
