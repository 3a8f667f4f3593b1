/** Runs in a worker thread of an EvaluationPool: judges one task after another, each by one of a few modules. */
import { parentPort, workerData } from 'node:worker_threads';
import { OUT_OF_MEMORY } from './evaluation-error.js';
import { haveFixes, verifyFixes } from './fixes.js';
import { inputOf, joinInput, ModuleEvaluator } from './module-evaluator.js';
import {
  encodeVerdicts,
  reportProgress,
  type WorkerAnswer,
  type WorkerSetup,
  type WorkerTask,
} from './pool-protocol.js';
import type { EvaluationRequest, PolicyVerdict } from './verdict.js';

/** What an instance may keep between two evaluations; usual ones take two. */
const KEPT_BYTES = 16 * 1024 * 1024;

const { progress: shared, memoryMaxBytes } = workerData as WorkerSetup;
const progress = new BigInt64Array(shared);
const evaluators = new Map<number, ModuleEvaluator>();

parentPort?.on('message', (task: WorkerTask) => {
  const begun = process.hrtime.bigint();
  if (task.drop !== undefined) evaluators.delete(task.drop);
  if (task.compiled !== undefined) evaluators.set(task.module, new ModuleEvaluator(task.compiled, { memoryMaxBytes }));
  const evaluator = evaluators.get(task.module);
  if (evaluator === undefined) throw new Error(`module ${task.module} was not sent`);
  const answer = judge(evaluator, task);
  evaluator.releaseBeyond(KEPT_BYTES);
  reportProgress(progress, undefined);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ ...answer, took: Number(process.hrtime.bigint() - begun) } satisfies WorkerAnswer);
});

/** Each evaluation has the whole deadline: trying fixes never costs a policy its verdict. */
function judge(evaluator: ModuleEvaluator, { id, policies, input, fixes }: WorkerTask): Omit<WorkerAnswer, 'took'> {
  const exhausted: NonNullable<WorkerAnswer['exhausted']> = [];
  const evaluate = (of: readonly string[], text: string, tryingFix: boolean): PolicyVerdict[] => {
    reportProgress(progress, { id, startedAt: process.hrtime.bigint(), tryingFix });
    const verdicts = evaluator.evaluateJson(of, text);
    for (const { policy, verdict, reason } of verdicts)
      if (verdict === 'error' && reason?.startsWith(OUT_OF_MEMORY) === true) exhausted.push({ policy, reason });
    return verdicts;
  };
  const answered = evaluate(policies, joinInput(input), false);
  const verdicts =
    fixes === undefined || !haveFixes(answered)
      ? answered
      : verifyFixes(
          (asked) =>
            evaluate(Object.keys(asked.params), joinInput({ ...inputOf(asked), related: input.related }), true),
          JSON.parse(input.asked) as EvaluationRequest,
          answered,
          fixes,
        );
  return { id, verdicts: encodeVerdicts(verdicts), ...(exhausted.length > 0 && { exhausted }) };
}
