import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import type { PolicyCase, PolicyTestShape, TestPolicy } from '#contracts';
import type { TestRunResult } from '#engine';
import { Database } from '#platform';
import { LibrarySamples } from './library-samples.js';
import { caseRequest, caseResult, casesAsTests, coverageOf, CASES_FILE, TESTS_FILE } from './policy-cases.rules.js';
import { asAuthor, RegoCompilers } from './rego-compilers.js';
import { loadSaved } from './saved-policy.read-model.js';
import { type TrialPolicy, Trials } from './trials.js';

/** Tests of saved policies: their Rego tests by OPA's own evaluator, their cases by the engine that judges clusters. */
@Injectable()
export class PolicyTests {
  constructor(
    private readonly database: Database,
    private readonly samples: LibrarySamples,
    private readonly compilers: RegoCompilers,
    private readonly trials: Trials,
  ) {}

  /**
   * @param idOrSlug of the policy
   * @param request which version, and what in place of its own tests and cases
   * @throws AppError `not_found`, `policy_does_not_compile`, `unprocessable`, `too_many_requests`
   */
  async run(scope: Scope, idOrSlug: string, request: TestPolicy): Promise<PolicyTestShape> {
    const saved = await this.database.run(scope, (tx) => loadSaved(tx, this.samples, idOrSlug, request.version));
    const tests = request.tests ?? saved.tests;
    const cases = request.cases ?? saved.cases;
    const trial = await this.trials.compile(scope.orgId, saved.source);
    const results = await this.judgeCases(scope.orgId, trial, cases);
    const run = await this.runTests(scope.orgId, trial, tests, cases);
    const own = run.tests.filter(({ file }) => file === TESTS_FILE);
    return {
      ok: run.errors.length === 0 && own.every(({ pass }) => pass) && results.every(({ ok }) => ok),
      version: saved.version,
      errors: run.errors.map(({ file, row, col, code, message }) => ({
        file: file === TESTS_FILE ? ('tests' as const) : ('policy' as const),
        row,
        col,
        code,
        message,
      })),
      tests: own.map(({ name, row, pass, message }) => ({ name, row, ok: pass, ...(message && { message }) })),
      cases: results,
      coverage: coverageOf(run.coverage, saved.source.slug),
    };
  }

  private async judgeCases(
    owner: string,
    trial: TrialPolicy,
    cases: readonly PolicyCase[],
  ): Promise<PolicyTestShape['cases']> {
    const asked = cases.map((one) => caseRequest(trial.policy, one));
    const requests = asked.flatMap((one) => ('refused' in one ? [] : [one]));
    const verdicts = (await this.trials.judge(owner, trial, requests)).values();
    return cases.map((one, index) => {
      const request = asked[index];
      const verdict = request === undefined || 'refused' in request ? undefined : verdicts.next().value;
      return caseResult(trial.policy, one, request, verdict);
    });
  }

  /** Cases are run too, for what they cover; what they come to is the engine's to say. */
  private async runTests(
    owner: string,
    { source, policy }: TrialPolicy,
    tests: string | undefined,
    cases: readonly PolicyCase[],
  ): Promise<TestRunResult> {
    const { slug } = source;
    const lib = await this.compilers.lib();
    const sources = [
      ...(tests === undefined ? [] : [{ slug, file: TESTS_FILE, source: tests }]),
      ...(cases.length === 0 ? [] : [{ slug, file: CASES_FILE, source: casesAsTests(policy, source, cases) }]),
    ];
    if (sources.length === 0) return { ok: true, errors: [], tests: [], coverage: [] };
    const request = { lib, policies: [source], tests: sources, coverage: true };
    return asAuthor(() => this.compilers.evaluator.test(request, { owner }));
  }
}
