import { isJsonObject, type Json, mendJson } from '#kernel';
import { EvaluationError } from './evaluation-error.js';
import { nestsDeeper } from './json-nesting.js';
import type { AnswerRule } from './policy.js';
import { errorVerdict, verdictOf, type PolicyVerdict } from './verdict.js';

/** The most that one evaluation may answer, in bytes of JSON. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** The most findings of one policy on one object. */
export const MAX_FINDINGS = 1000;

const ANSWER_RULES: readonly AnswerRule[] = ['violation', 'skipped', 'not_applicable'];

/** An object may nest 100 deep, and a finding may hold all of it. */
const MAX_DEPTH = 128;

/** How JSON writes NUL and halves of a surrogate pair; as UTF-8 there are none. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/**
 * @param bytes of the answer of one evaluation
 * @throws EvaluationError where they are more than is read
 */
export function refuseLongAnswer(bytes: number): void {
  if (bytes <= MAX_ANSWER_BYTES) return;
  throw new EvaluationError(
    `the answer has ${bytes} bytes: at most ${MAX_ANSWER_BYTES} (1 MiB); find less, or say it shorter`,
  );
}

/**
 * @param policies that were asked
 * @param text the answer of one evaluation, `[{"result": {<policy>: …}}]`
 * @returns one verdict a policy; an answer beyond the limits is an error of its policy alone
 * @throws EvaluationError where the answer is no JSON
 */
export function readVerdicts(policies: readonly string[], text: string): PolicyVerdict[] {
  const answers = readAnswers(text);
  const mends = text.includes('\\u') && UNSTORABLE.test(text);
  return policies.map((policy) => {
    const answer = isJsonObject(answers) ? answers[policy] : undefined;
    const excess = excessOf(answer);
    if (excess !== undefined) return errorVerdict(policy, excess);
    return verdictOf(policy, mends && answer !== undefined ? mendJson(answer) : answer);
  });
}

/** A number such as `00` has no place in JSON: whichever policy answers it is told apart by being asked alone. */
function readAnswers(text: string): Json | undefined {
  try {
    return (JSON.parse(text) as { result?: Json }[])[0]?.result;
  } catch (error) {
    throw new EvaluationError('malformed answer: it is no JSON', error);
  }
}

function excessOf(answer: Json | undefined): string | undefined {
  if (!isJsonObject(answer)) return undefined;
  for (const rule of ANSWER_RULES) {
    const found = answer[rule];
    if (!Array.isArray(found) || found.length === 0) continue;
    if (found.length > MAX_FINDINGS)
      return `the policy found ${found.length}: at most ${MAX_FINDINGS} are kept of one object`;
    if (nestsDeeper(found, MAX_DEPTH)) return `malformed finding: it nests more than ${MAX_DEPTH} deep`;
  }
  return undefined;
}
