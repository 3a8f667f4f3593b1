/** Runs in a worker thread of an EvaluationPool: judges one task after another, each by one of a few modules. */
import { parentPort, workerData } from 'node:worker_threads';
import { ModuleEvaluator } from './module-evaluator.js';
import {
  encodeVerdicts,
  reportProgress,
  type WorkerAnswer,
  type WorkerSetup,
  type WorkerTask,
} from './pool-protocol.js';

/** What an instance may keep between two evaluations; usual ones take two. */
const KEPT_BYTES = 16 * 1024 * 1024;

const { progress: shared, memoryMaxBytes } = workerData as WorkerSetup;
const progress = new BigInt64Array(shared);
const evaluators = new Map<number, ModuleEvaluator>();

parentPort?.on('message', ({ id, module, compiled, drop, policies, input }: WorkerTask) => {
  const begun = process.hrtime.bigint();
  reportProgress(progress, id, begun);
  if (drop !== undefined) evaluators.delete(drop);
  if (compiled !== undefined) evaluators.set(module, new ModuleEvaluator(compiled, { memoryMaxBytes }));
  const evaluator = evaluators.get(module);
  if (evaluator === undefined) throw new Error(`module ${module} was not sent`);
  const verdicts = encodeVerdicts(evaluator.evaluateJson(policies, input));
  evaluator.releaseBeyond(KEPT_BYTES);
  reportProgress(progress, 0, 0n);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ id, verdicts, took: Number(process.hrtime.bigint() - begun) } satisfies WorkerAnswer);
});
