/** Runs in a worker thread of proveIsolated: proves one policy, however long that takes; its caller ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Sample } from './fixture-judge.js';
import { ModuleEvaluator } from './module-evaluator.js';
import type { PolicyInfo } from './policy.js';
import { provePolicy } from './proof.js';
import { fixturesFrom } from './proof-samples.js';

const { module, policy, samples } = workerData as {
  module: WebAssembly.Module;
  policy: PolicyInfo;
  samples: Sample[];
};
const evaluator = new ModuleEvaluator(module);
const evaluate = evaluator.evaluate.bind(evaluator);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(provePolicy(evaluate, policy, fixturesFrom(evaluate, policy, samples)));
