import type { BindingItem } from '#decision';
import type { EvaluationPool, EvaluationRequest, PolicyMetadata, PolicyModule, PolicyVerdict } from '#engine';

/** What says which module judges a check. */
export type PolicyOrigin = Pick<BindingItem, 'slug' | 'origin' | 'module' | 'quarantine'>;

/** A module and the workers that it runs in. */
export interface Engine {
  pool: EvaluationPool;
  module: PolicyModule;
}

/** The engine of what an organization wrote itself; `broken`: what of it is in no module, with the reason. */
export interface OwnEngine extends Engine {
  broken: ReadonlyMap<string, string>;
}

/** The policies that an organization's bindings use, with the modules that judge them: the same for a whole run. */
export class BoundPolicies {
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
    return this.engineOf(policy)?.module.policies.get(policy.slug)?.metadata;
  }

  /** @returns why a policy can't be run at all, undefined where it can */
  refusal(policy: PolicyOrigin): string | undefined {
    if (policy.quarantine !== undefined) return `quarantined: ${policy.quarantine}`;
    if (policy.origin === 'builtin') return undefined;
    return this.own?.broken.get(policy.slug);
  }

  /**
   * Judges one object by policies of whichever module, each module in one call.
   * @param policies that are keys of the request's `params`, and can be run
   * @param request as for one module
   * @returns one verdict a policy
   */
  async evaluate(policies: readonly PolicyOrigin[], request: EvaluationRequest): Promise<PolicyVerdict[]> {
    const groups = new Map<Engine, string[]>();
    for (const policy of policies) {
      if (!Object.hasOwn(request.params, policy.slug)) continue;
      const engine = this.engineOf(policy);
      if (engine !== undefined) groups.set(engine, [...(groups.get(engine) ?? []), policy.slug]);
    }
    const [only, ...others] = groups;
    if (only !== undefined && others.length === 0) return only[0].pool.evaluate(only[0].module, request);
    const verdicts = await Promise.all(
      [...groups].map(([{ pool, module }, slugs]) => pool.evaluate(module, narrowTo(request, slugs))),
    );
    return verdicts.flat();
  }

  private engineOf({ origin, module }: PolicyOrigin): Engine | undefined {
    if (origin !== 'builtin') return this.own;
    return module === undefined ? this.builtIn : this.pinned.get(module);
  }
}

/** Only what its policies need: what an organization's own policies are told is no more than that. */
function narrowTo(request: EvaluationRequest, slugs: readonly string[]): EvaluationRequest {
  const pick = <Value>(members: Record<string, Value> = {}): Record<string, Value> =>
    Object.fromEntries(slugs.flatMap((slug) => (members[slug] === undefined ? [] : [[slug, members[slug]]])));
  return { ...request, params: pick(request.params), ...(request.related && { related: pick(request.related) }) };
}
