import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppError } from '#kernel';
import {
  errorVerdict,
  EvaluationPool,
  type EvaluationRequest,
  FairSlots,
  type PolicyInfo,
  policyModule,
  type PolicySource,
  type PolicyVerdict,
} from '#engine';
import { compiledOrNot } from './compiled-module.js';
import { refuseBroken } from './own-policy.rules.js';
import { asAuthor, RegoCompilers } from './rego-compilers.js';

/** As many evaluations are handed to the worker that tries out, so that it never waits. */
const AT_ONCE = 2;
const WAITING = 8;

/** A policy by itself, compiled to be tried out. */
export interface TrialPolicy {
  policy: PolicyInfo;
  module: WebAssembly.Module;
  source: PolicySource;
}

/** Where authors' policies are tried out: apart from the workers that judge for the audit, since they may do anything (H1). */
@Injectable()
export class Trials implements OnApplicationShutdown {
  private readonly pool = new EvaluationPool({
    workers: 1,
    deadlineMs: 1_000,
    quarantineAfter: Number.MAX_SAFE_INTEGER,
  });
  private readonly slots = new FairSlots(AT_ONCE, WAITING);
  private lastKey = 0;

  constructor(private readonly compilers: RegoCompilers) {}

  /**
   * @param owner the organization
   * @throws AppError `policy_does_not_compile`, `unprocessable`, `too_many_requests`
   */
  async compile(owner: string, source: PolicySource): Promise<TrialPolicy> {
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

  /**
   * Judges objects by a compiled policy, in their order.
   * @param owner the organization
   * @param requests for this policy alone
   * @throws AppError `too_many_requests`
   */
  async judge(
    owner: string,
    { policy, module }: TrialPolicy,
    requests: readonly EvaluationRequest[],
  ): Promise<PolicyVerdict[]> {
    const trial = policyModule({ key: `trial-${++this.lastKey}`, owner, wasm: module, policies: [policy] });
    return asAuthor(() =>
      this.slots.run(owner, async () => {
        const verdicts: PolicyVerdict[] = [];
        for (const request of requests) {
          const [verdict] = await this.pool.evaluate(trial, request);
          verdicts.push(verdict ?? errorVerdict(policy.slug, 'the policy gave no answer'));
        }
        return verdicts;
      }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }
}
