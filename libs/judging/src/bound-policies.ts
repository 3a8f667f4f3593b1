import type { BindingItem, EffectiveCheck } from '#decision';
import type { PolicyMetadata } from '#engine';
import { type CheckPlan, type Engine, planOf } from './check-plan.js';

/** What says which module judges a check. */
export type PolicyOrigin = Pick<BindingItem, 'slug' | 'origin' | 'module' | 'quarantine'>;

/** The engine of what an organization wrote itself; `broken`: what of it is in no module, with the reason. */
export interface OwnEngine extends Engine {
  broken: ReadonlyMap<string, string>;
}

/** The policies that an organization's bindings use, with the modules that judge them: the same for a whole run. */
export class BoundPolicies {
  private readonly plans = new WeakMap<readonly EffectiveCheck[], CheckPlan>();

  /**
   * @param builtIn the library of this release
   * @param own the organization's own policies, in workers of their own (H1); undefined where it binds none
   * @param pinned earlier releases that bindings keep to (V5), by digest in hexadecimal
   */
  constructor(
    private readonly builtIn: Engine,
    private readonly own: OwnEngine | undefined,
    private readonly pinned: ReadonlyMap<string, Engine>,
  ) {}

  /** @returns what the policy says of itself, in the version that judges; undefined where no module has it */
  metadata(policy: PolicyOrigin): PolicyMetadata | undefined {
    return this.engineOf(policy)?.policies.get(policy.slug)?.metadata;
  }

  /** @returns why a policy can't be run at all, undefined where it can */
  refusal(policy: PolicyOrigin): string | undefined {
    if (policy.quarantine !== undefined) return `quarantined: ${policy.quarantine}`;
    if (policy.origin === 'builtin') return undefined;
    return this.own?.broken.get(policy.slug);
  }

  /** @returns the module that judges by a policy; undefined where there is none */
  engineOf({ origin, module }: PolicyOrigin): Engine | undefined {
    if (origin !== 'builtin') return this.own;
    return module === undefined ? this.builtIn : this.pinned.get(module);
  }

  /**
   * @param checks of an object; many objects have the same list
   * @returns how they are judged
   */
  plan(checks: readonly EffectiveCheck[]): CheckPlan {
    const plan = this.plans.get(checks) ?? planOf(checks, this);
    this.plans.set(checks, plan);
    return plan;
  }
}
