import { Injectable } from '@nestjs/common';
import { AppError, type JsonObject, type Scope } from '#kernel';
import type { CheckAnswer, CheckPolicy, EvaluateAnswer, EvaluatePolicy, ProofShape, ProvePolicy } from '#contracts';
import {
  type CompileProblem,
  type DialectOptions,
  FairSlots,
  inputJson,
  mergeParameters,
  type PolicySource,
  ProofError,
  proveIsolated,
} from '#engine';
import { Database } from '#platform';
import { evaluationRequest, outputOf, trialErrors, trialMetadata } from './authoring.rules.js';
import { LibrarySamples } from './library-samples.js';
import { ownSource, refuseBroken } from './own-policy.rules.js';
import { asAuthor, regoErrors, RegoCompilers } from './rego-compilers.js';
import { loadSaved, type SavedPolicy } from './saved-policy.read-model.js';
import { type TrialPolicy, Trials } from './trials.js';

const PROOF_MS = 20_000;
/** At a time: each is a thread of its own, with a heap of 256 MiB. */
const PROOFS = 2;
/** How many of one organization's may wait beside. */
const PROOFS_WAITING = 4;
const TRIAL_SLUG = 'trial';

/** What authors ask while they write: does it compile, what does it say of this object, can it ever fire. */
@Injectable()
export class AuthoringService {
  private readonly proofs = new FairSlots(PROOFS, PROOFS_WAITING);

  constructor(
    private readonly database: Database,
    private readonly compilers: RegoCompilers,
    private readonly trials: Trials,
    private readonly samples: LibrarySamples,
  ) {}

  /**
   * Every error of a policy at its row and column, as often as somebody types.
   * @throws AppError `unprocessable`, `too_many_requests`
   */
  async check({ orgId }: Scope, { rego, ...written }: CheckPolicy): Promise<CheckAnswer> {
    const errors = trialErrors(await this.problemsOf(orgId, ownSource(TRIAL_SLUG, rego, {}, written)));
    return { ok: errors.length === 0, errors: regoErrors(errors) };
  }

  /**
   * Judges one object by one policy, and says how it came to its verdict.
   * @throws AppError `not_found`, `policy_does_not_compile`, `unprocessable`, `too_many_requests`, `invalid_body` where the
   *   object is none of Kubernetes'
   */
  async evaluate(scope: Scope, request: EvaluatePolicy): Promise<EvaluateAnswer> {
    const compiled =
      request.policy === undefined
        ? await this.compileTrial(scope.orgId, request.rego ?? '', request)
        : await this.trials.compile(scope.orgId, (await this.saved(scope, request.policy)).source);
    const asked = evaluationRequest(compiled.policy, request);
    const [verdict] = await this.trials.judge(scope.orgId, compiled, [asked]);
    const explained = await this.explain(scope.orgId, compiled.source, JSON.parse(inputJson(asked)) as JsonObject);
    return {
      verdict: verdict?.verdict ?? 'error',
      ...(verdict?.reason !== undefined && { reason: verdict.reason }),
      findings: (verdict?.findings ?? []).map(
        (finding) => ({ ...finding, found: finding.found ?? null }) as EvaluateAnswer['findings'][number],
      ),
      ...explained,
    };
  }

  /**
   * Says where a saved policy can never fire: on which kinds, container lists, parameters that it claims.
   * @param idOrSlug of the policy; its latest version is proved
   * @throws AppError `not_found`, `policy_does_not_compile`, `unprocessable` where it does not end, `too_many_requests`
   */
  async prove(scope: Scope, idOrSlug: string, { cases = [] }: ProvePolicy): Promise<ProofShape> {
    const saved = await this.saved(scope, idOrSlug);
    const { module, policy } = await this.trials.compile(scope.orgId, saved.source);
    const own = [...cases, ...saved.cases].map(({ object, parameters = {}, related = {}, context = {} }) => ({
      object,
      parameters: mergeParameters(policy.metadata.parameters, parameters),
      related,
      context,
    }));
    const samples = [...own, ...(await this.samples.all())];
    try {
      const { slots } = await asAuthor(() =>
        this.proofs.run(scope.orgId, () => proveIsolated(module, policy, samples, PROOF_MS)),
      );
      return { alive: slots.every(({ status }) => status !== 'never_fires'), slots };
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      throw new AppError('unprocessable', `The policy could not be proved: ${error.message}.`, { cause: error });
    }
  }

  private saved(scope: Scope, idOrSlug: string): Promise<SavedPolicy> {
    return this.database.run(scope, (tx) => loadSaved(tx, this.samples, idOrSlug));
  }

  /** What is only tried out need not say of itself what it is: what is missing is filled in. */
  private async compileTrial(owner: string, rego: string, written: DialectOptions): Promise<TrialPolicy> {
    const problems = await this.problemsOf(owner, ownSource(TRIAL_SLUG, rego, {}, written));
    const errors = trialErrors(problems);
    if (errors.length > 0) refuseBroken(errors);
    return this.trials.compile(owner, ownSource(TRIAL_SLUG, rego, trialMetadata(problems), written));
  }

  private async problemsOf(owner: string, source: PolicySource): Promise<CompileProblem[]> {
    const lib = await this.compilers.lib();
    const checked = await asAuthor(() => this.compilers.authors.check({ lib, policies: [source] }, { owner }));
    return checked.errors;
  }

  /** By OPA's own evaluator, which can tell how; where it does not end, the verdict alone has to do. */
  private async explain(
    owner: string,
    source: PolicySource,
    input: JsonObject,
  ): Promise<Pick<EvaluateAnswer, 'trace' | 'prints'>> {
    const lib = await this.compilers.lib();
    try {
      const request = { lib, policies: [source], input, explain: true };
      return outputOf((await this.compilers.evaluator.evaluate(request, { owner })).output);
    } catch (error) {
      return { trace: [`no trace: ${error instanceof Error ? error.message : String(error)}`] };
    }
  }
}
