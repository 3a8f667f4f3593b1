import { AppError, type JsonObject } from '#kernel';
import type { EvaluateAnswer, EvaluatePolicy } from '#contracts';
import { sampleRequest, type CompileProblem, type EvaluationRequest, type PolicyInfo } from '#engine';

/** What a policy that is only tried out need not say of itself. */
const TRIAL: JsonObject = { title: 'trial', category: 'security', severity: 'medium', kinds: ['*'] };
const LINES_MAX = 5_000;
const TRACE_BEGINS = 'Enter data.bylaw_entry.verdicts';

/**
 * @param errors of a policy for which no metadata was given
 * @returns those that its author has to mend before it can be tried: not that it says nothing of itself yet
 */
export function trialErrors(errors: readonly CompileProblem[]): CompileProblem[] {
  return errors.filter(({ pointer }) => pointer === undefined);
}

/** @returns metadata for what is missing, so that the policy can be tried all the same */
export function trialMetadata(errors: readonly CompileProblem[]): JsonObject {
  const missing = new Set(errors.flatMap(({ pointer }) => pointer?.slice(1) ?? []));
  return Object.fromEntries(Object.entries(TRIAL).filter(([key]) => missing.has(key)));
}

/**
 * @param policy compiled
 * @param request of its author
 * @returns what is evaluated: the object normalised, defaults filled in, as the platform would
 * @throws AppError `invalid_body` where the object is none that Kubernetes would take
 */
export function evaluationRequest(policy: PolicyInfo, request: EvaluatePolicy): EvaluationRequest {
  const { object, parameters = {}, related = {}, context = {} } = request;
  const asked = sampleRequest(policy, { object, parameters, related, context });
  if (!('refused' in asked)) return asked;
  const errors = asked.refused.map(({ path, message }) => ({
    pointer: `/object/${path.replaceAll('.', '/')}`,
    detail: message,
  }));
  const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join('; ');
  throw new AppError('invalid_body', detail, { errors });
}

/**
 * @param output of the evaluator: what `print` wrote, then the trace
 * @returns both by lines, the first few thousand
 */
export function outputOf(output: string): Pick<EvaluateAnswer, 'trace' | 'prints'> {
  const lines = output.split('\n').filter((line) => line !== '');
  const begun = lines.findIndex((line) => line.startsWith(TRACE_BEGINS));
  const end = begun < 0 ? lines.length : begun;
  return { prints: firstOf(lines.slice(0, end)), trace: firstOf(lines.slice(end)) };
}

function firstOf(lines: string[]): string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `… and ${lines.length - LINES_MAX} lines more`];
}
