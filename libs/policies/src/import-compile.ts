import { AppError } from '#kernel';
import type { CompileProblem, PolicyInfo, PolicySource } from '#engine';
import { draftDigest, type PolicyDraft, type Refusal, refusalOf } from './import.rules.js';
import type { CompiledDraft } from './import.store.js';
import { ownDigest, ownSource, requireParameterSchema, type Written } from './own-policy.rules.js';
import { asAuthor, type RegoCompilers } from './rego-compilers.js';

/** So many go to the compiler at once: one by one takes five times as long (measured). Others come in between. */
const AT_ONCE = 25;

/** A draft in the version of Rego that is tried. */
interface Trial {
  draft: PolicyDraft;
  written: Written;
  source: PolicySource;
}

type Outcome = PolicyInfo | readonly CompileProblem[] | Refusal;

/**
 * Compiles policies, each in the first of its versions of Rego in which it does.
 * @param owner the organization
 * @returns what came of each
 * @throws AppError `too_many_requests`
 */
export async function compileDrafts(
  compilers: RegoCompilers,
  owner: string,
  drafts: readonly PolicyDraft[],
): Promise<Map<PolicyDraft, CompiledDraft | Refusal>> {
  const results = new Map<PolicyDraft, CompiledDraft | Refusal>();
  let left = drafts;
  for (let attempt = 0; left.length > 0; attempt++) {
    const trials = left.flatMap((draft, index) => trialOf(draft, index, attempt) ?? []);
    for (let from = 0; from < trials.length; from += AT_ONCE) {
      const some = trials.slice(from, from + AT_ONCE);
      const outcomes = await checkAll(compilers, owner, some);
      for (const trial of some)
        results.set(trial.draft, resultOf(trial, outcomes.get(trial), results.get(trial.draft)));
    }
    left = trials.map(({ draft }) => draft).filter((draft) => 'reason' in (results.get(draft) ?? {}));
  }
  return results;
}

function trialOf(draft: PolicyDraft, index: number, attempt: number): Trial | undefined {
  const { rego, given, dialect, libs, rego_versions: versions } = draft;
  const version = versions[attempt];
  if (version === undefined) return undefined;
  const written: Written = { dialect, rego_version: version, libs };
  return { draft, written, source: ownSource(`imported-${index}`, rego, given, written) };
}

/** Errors name the policy that has them: without these the others compile, or show what is wrong with them too. */
async function checkAll(
  compilers: RegoCompilers,
  owner: string,
  trials: readonly Trial[],
): Promise<Map<Trial, Outcome>> {
  const outcomes = new Map<Trial, Outcome>();
  let left = trials;
  while (left.length > 0) {
    const { errors, policies } = await check(compilers, owner, left);
    const named = left.filter(({ source }) => errors.some(({ slug }) => slug === source.slug));
    for (const trial of named)
      outcomes.set(
        trial,
        errors.filter(({ slug }) => slug === trial.source.slug),
      );
    for (const trial of left) {
      const policy = policies.find(({ slug }) => slug === trial.source.slug);
      if (policy !== undefined) outcomes.set(trial, policy);
    }
    const [only] = left;
    if (left.length === 1 && only !== undefined && !outcomes.has(only)) outcomes.set(only, errors);
    const rest = left.filter((trial) => !outcomes.has(trial));
    if (rest.length === left.length) return new Map([...outcomes, ...(await checkHalves(compilers, owner, rest))]);
    left = rest;
  }
  return outcomes;
}

/** Where nobody is named, somebody among them is too much for the compiler. */
async function checkHalves(
  compilers: RegoCompilers,
  owner: string,
  trials: readonly Trial[],
): Promise<Map<Trial, Outcome>> {
  const middle = Math.ceil(trials.length / 2);
  const halves = [trials.slice(0, middle), trials.slice(middle)];
  return new Map([
    ...(await checkAll(compilers, owner, halves[0] ?? [])),
    ...(await checkAll(compilers, owner, halves[1] ?? [])),
  ]);
}

async function check(
  compilers: RegoCompilers,
  owner: string,
  trials: readonly Trial[],
): Promise<{ errors: readonly CompileProblem[]; policies: readonly PolicyInfo[] }> {
  const request = { lib: [], policies: trials.map(({ source }) => source) };
  try {
    return await asAuthor(() => compilers.authors.check(request, { owner }));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unprocessable') throw error;
    return { errors: [{ row: 0, col: 0, code: error.code, message: error.detail }], policies: [] };
  }
}

function resultOf(
  { draft, written }: Trial,
  outcome: Outcome | undefined,
  before: CompiledDraft | Refusal | undefined,
): CompiledDraft | Refusal {
  if (outcome === undefined || 'reason' in outcome) return outcome ?? refusalOf([]);
  if ('slug' in outcome) return compiledOf(draft, written, outcome);
  const isForeign = outcome.some(({ code }) => code === 'rego_parse_error');
  // What is wrong in the version that it was written in says more than that it is in no other.
  return before !== undefined && 'reason' in before && isForeign ? before : refusalOf(outcome);
}

function compiledOf(draft: PolicyDraft, written: Written, policy: PolicyInfo): CompiledDraft | Refusal {
  try {
    requireParameterSchema(policy);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { as: 'failed', reason: error.detail };
  }
  const { rego, given } = draft;
  const { metadata } = policy;
  return {
    draft,
    digest: draftDigest(draft),
    version: { rego, given, ...written, metadata, digest: ownDigest(policy) },
  };
}
