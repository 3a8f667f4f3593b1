/** Runs in a worker thread of an EvaluationPool: judges one task after another on one module. */
import { parentPort, workerData } from 'node:worker_threads';
import { ModuleEvaluator } from './module-evaluator.js';
import {
  encodeVerdicts,
  reportProgress,
  type WorkerAnswer,
  type WorkerSetup,
  type WorkerTask,
} from './pool-protocol.js';

const setup = workerData as WorkerSetup;
const progress = new BigInt64Array(setup.progress);
const evaluator = new ModuleEvaluator(setup.module, { memoryMaxBytes: setup.memoryMaxBytes });

parentPort?.on('message', ({ id, policies, input }: WorkerTask) => {
  reportProgress(progress, id, process.hrtime.bigint());
  const verdicts = encodeVerdicts(evaluator.evaluateJson(policies, input));
  reportProgress(progress, 0, 0n);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ id, verdicts } satisfies WorkerAnswer);
});
