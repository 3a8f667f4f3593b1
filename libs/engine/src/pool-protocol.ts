import type { PolicyVerdict } from './verdict.js';

/** What a worker is started with. */
export interface WorkerSetup {
  memoryMaxBytes: number;
  progress: SharedArrayBuffer;
}

/** One object for some policies; `input` is the input document as text, written once in the main thread. */
export interface WorkerTask {
  id: number;
  /** The number of the module that judges, in this worker. */
  module: number;
  /** The module itself, where the worker does not have it yet. */
  compiled?: WebAssembly.Module;
  /** The number of a module that the worker may forget. */
  drop?: number;
  policies: readonly string[];
  input: string;
}

/** The verdicts other than `pass` as JSON; empty where all passed. */
export interface WorkerAnswer {
  id: number;
  verdicts: string;
  /** How long the worker was at it, nanoseconds. */
  took: number;
}

/**
 * What a worker says of itself without a message, so that a busy main thread can't mistake it for hanging: the id of
 * the task that it is at (0: none) and when it began, in nanoseconds of the machine's monotonic clock.
 */
export const PROGRESS_BYTES = 2 * BigInt64Array.BYTES_PER_ELEMENT;

/**
 * @param progress shared with the main thread
 * @param id of the task, 0 when idle
 * @param startedAt nanoseconds of the monotonic clock
 */
export function reportProgress(progress: BigInt64Array, id: number, startedAt: bigint): void {
  Atomics.store(progress, 1, startedAt);
  Atomics.store(progress, 0, BigInt(id));
}

/**
 * @returns the task that a worker is at and since when, in nanoseconds of the monotonic clock; undefined when idle
 */
export function currentTask(progress: BigInt64Array): { id: number; startedAt: bigint } | undefined {
  const id = Number(Atomics.load(progress, 0));
  return id === 0 ? undefined : { id, startedAt: Atomics.load(progress, 1) };
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
