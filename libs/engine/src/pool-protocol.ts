import type { EvaluationInput } from './module-evaluator.js';
import type { FixTrial, PolicyVerdict } from './verdict.js';

/** What a worker is started with. */
export interface WorkerSetup {
  memoryMaxBytes: number;
  progress: SharedArrayBuffer;
}

/** One object for some policies. */
export interface WorkerTask {
  id: number;
  /** The number of the module that judges, in this worker. */
  module: number;
  /** The module itself, where the worker does not have it yet. */
  compiled?: WebAssembly.Module;
  /** The number of a module that the worker may forget. */
  drop?: number;
  policies: readonly string[];
  /** Written once, in the main thread. */
  input: EvaluationInput;
  /** How the policies' fixes are tried; undefined: they stay as they are. */
  fixes: FixTrial | undefined;
}

/** The verdicts other than `pass` as JSON; empty where all passed. */
export interface WorkerAnswer {
  id: number;
  verdicts: string;
  /** Policies that exhausted the memory, when they judged the object or a fix of theirs; undefined where none did. */
  exhausted?: { policy: string; reason: string }[];
  /** How long the worker was at it, nanoseconds. */
  took: number;
}

/**
 * What a worker says of itself without a message, so that a busy main thread can't mistake it for hanging: the id of
 * the task that it is at (0: none), when its present evaluation began, in nanoseconds of the machine's monotonic clock, and
 * whether that tries a fix.
 */
export const PROGRESS_BYTES = 3 * BigInt64Array.BYTES_PER_ELEMENT;

/** What a worker is at. */
export interface Progress {
  /** Of the task. */
  id: number;
  /** When the present evaluation of the task began, nanoseconds of the monotonic clock. */
  startedAt: bigint;
  /** Whether it is a fix that is tried, the verdict being there already. */
  tryingFix: boolean;
}

/**
 * @param shared with the main thread
 * @param progress what the worker is at; undefined when idle
 */
export function reportProgress(shared: BigInt64Array, progress: Progress | undefined): void {
  if (progress !== undefined) {
    Atomics.store(shared, 1, progress.startedAt);
    Atomics.store(shared, 2, progress.tryingFix ? 1n : 0n);
  }
  Atomics.store(shared, 0, BigInt(progress?.id ?? 0));
}

/**
 * @param shared by the worker
 * @returns what the worker is at; undefined when idle
 */
export function currentProgress(shared: BigInt64Array): Progress | undefined {
  const id = Number(Atomics.load(shared, 0));
  if (id === 0) return undefined;
  return { id, startedAt: Atomics.load(shared, 1), tryingFix: Atomics.load(shared, 2) === 1n };
}

/**
 * @param verdicts of one task
 * @returns the text that goes to the main thread
 */
export function encodeVerdicts(verdicts: readonly PolicyVerdict[]): string {
  const notable = verdicts.filter(({ verdict }) => verdict !== 'pass');
  return notable.length === 0 ? '' : JSON.stringify(notable);
}

/**
 * @param policies of the task
 * @param text made by encodeVerdicts
 * @returns one verdict a policy, in the task's order
 */
export function decodeVerdicts(policies: readonly string[], text: string): PolicyVerdict[] {
  const notable = text === '' ? [] : (JSON.parse(text) as PolicyVerdict[]);
  const byPolicy = new Map(notable.map((verdict) => [verdict.policy, verdict]));
  return policies.map((policy) => byPolicy.get(policy) ?? { policy, verdict: 'pass', findings: [] });
}
