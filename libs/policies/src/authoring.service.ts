import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppError, type JsonObject, parsePublicId, type Scope } from '#kernel';
import type { CheckAnswer, CheckPolicy, EvaluateAnswer, EvaluatePolicy, ProofShape, ProvePolicy } from '#contracts';
import {
  EvaluationPool,
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
import { LibrarySamples } from './library-samples.js';
import { ownSource, refuseBroken } from './own-policy.rules.js';
import { asAuthor, AUTHORS_CALL, regoErrors, RegoCompilers } from './rego-compilers.js';

const PROOF_MS = 20_000;
const TRIAL_SLUG = 'trial';

interface Compiled {
  policy: PolicyInfo;
  wasm: Uint8Array;
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
  private lastKey = 0;

  constructor(
    private readonly database: Database,
    private readonly compilers: RegoCompilers,
    private readonly samples: LibrarySamples,
  ) {}

  /** Every error of a policy at its row and column, as often as somebody types. */
  async check({ rego }: CheckPolicy): Promise<CheckAnswer> {
    const lib = await this.compilers.lib();
    const source = ownSource(TRIAL_SLUG, rego, {});
    const checked = await asAuthor(() => this.compilers.compiler.check({ lib, policies: [source] }, AUTHORS_CALL));
    const errors = trialErrors(checked.errors);
    return { ok: errors.length === 0, errors: regoErrors(errors) };
  }

  /**
   * Judges one object by one policy, and says how it came to its verdict.
   * @throws AppError `not_found`, `policy_does_not_compile`, `invalid_body` where the object is none of Kubernetes'
   */
  async evaluate(scope: Scope, request: EvaluatePolicy): Promise<EvaluateAnswer> {
    const compiled =
      request.policy === undefined
        ? await this.compileTrial(request.rego ?? '')
        : await this.compile(await this.saved(scope, request.policy));
    const asked = evaluationRequest(compiled.policy, request);
    const trial = policyModule({
      key: `trial-${++this.lastKey}`,
      owner: scope.orgId,
      wasm: compiled.wasm,
      policies: [compiled.policy],
    });
    const [verdict] = await this.pool.evaluate(trial, asked);
    const explained = await this.explain(compiled.source, JSON.parse(inputJson(asked)) as JsonObject);
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
   * @throws AppError `not_found`, `policy_does_not_compile`, `unprocessable` where it does not end
   */
  async prove(scope: Scope, idOrSlug: string, { cases = [] }: ProvePolicy): Promise<ProofShape> {
    const compiled = await this.compile(await this.saved(scope, idOrSlug));
    const own = cases.map(({ object, parameters = {}, related = {}, context = {} }) => ({
      object,
      parameters: mergeParameters(compiled.policy.metadata.parameters, parameters),
      related,
      context,
    }));
    const samples = [...own, ...(await this.samples.all())];
    try {
      const { slots } = await proveIsolated(
        await WebAssembly.compile(Buffer.from(compiled.wasm)),
        compiled.policy,
        samples,
        PROOF_MS,
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

  private async compile(source: PolicySource): Promise<Compiled> {
    const lib = await this.compilers.lib();
    const { errors, policies, wasm } = await asAuthor(() =>
      this.compilers.compiler.compile({ lib, policies: [source] }, AUTHORS_CALL),
    );
    const policy = policies[0];
    if (wasm === undefined || policy === undefined) refuseBroken(errors);
    return { policy, wasm, source };
  }

  /** What is only tried out need not say of itself what it is: what is missing is filled in. */
  private async compileTrial(rego: string): Promise<Compiled> {
    const lib = await this.compilers.lib();
    const source = ownSource(TRIAL_SLUG, rego, {});
    const checked = await asAuthor(() => this.compilers.compiler.check({ lib, policies: [source] }, AUTHORS_CALL));
    const errors = trialErrors(checked.errors);
    if (errors.length > 0) refuseBroken(errors);
    return this.compile(ownSource(TRIAL_SLUG, rego, trialMetadata(checked.errors)));
  }

  /** By OPA's own evaluator, which can tell how; where it does not end, the verdict alone has to do. */
  private async explain(source: PolicySource, input: JsonObject): Promise<Pick<EvaluateAnswer, 'trace' | 'prints'>> {
    const lib = await this.compilers.lib();
    try {
      const request = { lib, policies: [source], input, explain: true };
      return outputOf((await this.compilers.evaluator.evaluate(request)).output);
    } catch (error) {
      return { trace: [`no trace: ${error instanceof Error ? error.message : String(error)}`] };
    }
  }
}
