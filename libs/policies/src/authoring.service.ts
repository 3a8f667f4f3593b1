import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppError, type JsonObject, parsePublicId, type Scope } from '#kernel';
import type { CheckAnswer, CheckPolicy, EvaluateAnswer, EvaluatePolicy, ProofShape, ProvePolicy } from '#contracts';
import {
  type CompileProblem,
  EvaluationPool,
  FairSlots,
  inputJson,
  mergeParameters,
  type PolicyInfo,
  policyModule,
  type PolicySource,
  ProofError,
  proveIsolated,
} from '#engine';
import { Database } from '#platform';
import { evaluationRequest, outputOf, trialErrors, trialMetadata } from './authoring.rules.js';
import { compiledOrNot } from './compiled-module.js';
import { LibrarySamples } from './library-samples.js';
import { ownSource, refuseBroken } from './own-policy.rules.js';
import { asAuthor, regoErrors, RegoCompilers } from './rego-compilers.js';

const PROOF_MS = 20_000;
/** At a time: each is a thread of its own, with a heap of 256 MiB. */
const PROOFS = 2;
/** How many of one organization's may wait beside. */
const PROOFS_WAITING = 4;
/** As many evaluations are handed to the worker that tries out, so that it never waits. */
const TRIALS = 2;
const TRIALS_WAITING = 8;
const TRIAL_SLUG = 'trial';

interface Compiled {
  policy: PolicyInfo;
  module: WebAssembly.Module;
  source: PolicySource;
}

/** What authors ask while they write: does it compile, what does it say of this object, can it ever fire. */
@Injectable()
export class AuthoringService implements OnApplicationShutdown {
  /** Apart from the workers that judge for the audit: what is tried out here may be anything (H1). */
  private readonly pool = new EvaluationPool({
    workers: 1,
    deadlineMs: 1_000,
    quarantineAfter: Number.MAX_SAFE_INTEGER,
  });
  private readonly trials = new FairSlots(TRIALS, TRIALS_WAITING);
  private readonly proofs = new FairSlots(PROOFS, PROOFS_WAITING);
  private lastKey = 0;

  constructor(
    private readonly database: Database,
    private readonly compilers: RegoCompilers,
    private readonly samples: LibrarySamples,
  ) {}

  /**
   * Every error of a policy at its row and column, as often as somebody types.
   * @throws AppError `unprocessable`, `too_many_requests`
   */
  async check({ orgId }: Scope, { rego }: CheckPolicy): Promise<CheckAnswer> {
    const errors = trialErrors(await this.problemsOf(orgId, ownSource(TRIAL_SLUG, rego, {})));
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
        ? await this.compileTrial(scope.orgId, request.rego ?? '')
        : await this.compile(scope.orgId, await this.saved(scope, request.policy));
    const asked = evaluationRequest(compiled.policy, request);
    const trial = policyModule({
      key: `trial-${++this.lastKey}`,
      owner: scope.orgId,
      wasm: compiled.module,
      policies: [compiled.policy],
    });
    const [verdict] = await asAuthor(() => this.trials.run(scope.orgId, () => this.pool.evaluate(trial, asked)));
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
    const { module, policy } = await this.compile(scope.orgId, await this.saved(scope, idOrSlug));
    const own = cases.map(({ object, parameters = {}, related = {}, context = {} }) => ({
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

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }

  /** The latest version of an own policy, or a built-in one as it comes with the platform. */
  private async saved(scope: Scope, idOrSlug: string): Promise<PolicySource> {
    const rows = await this.database.run(scope, (tx) =>
      tx.query<{ slug: string; rego: string | null; given: JsonObject }>(
        `select p.slug, v.rego, v.given from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id
         where p.org_id = $1 and (p.slug = $2 or p.policy_id = $3) order by v.version desc limit 1`,
        [scope.orgId, idOrSlug, parsePublicId('policy', idOrSlug)],
      ),
    );
    const found = rows[0];
    if (found === undefined) throw new AppError('not_found', 'There is no policy with this id or slug.');
    return found.rego === null ? this.samples.source(found.slug) : ownSource(found.slug, found.rego, found.given);
  }

  private async compile(owner: string, source: PolicySource): Promise<Compiled> {
    const lib = await this.compilers.lib();
    const { errors, policies, wasm } = await asAuthor(() =>
      this.compilers.authors.compile({ lib, policies: [source] }, { owner }),
    );
    const policy = policies[0];
    if (wasm === undefined || policy === undefined) refuseBroken(errors);
    const module = await compiledOrNot(wasm);
    if (typeof module !== 'string') return { policy, module, source };
    throw new AppError('unprocessable', `The Rego is more than can be run: ${module}. Make it smaller.`);
  }

  /** What is only tried out need not say of itself what it is: what is missing is filled in. */
  private async compileTrial(owner: string, rego: string): Promise<Compiled> {
    const problems = await this.problemsOf(owner, ownSource(TRIAL_SLUG, rego, {}));
    const errors = trialErrors(problems);
    if (errors.length > 0) refuseBroken(errors);
    return this.compile(owner, ownSource(TRIAL_SLUG, rego, trialMetadata(problems)));
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
