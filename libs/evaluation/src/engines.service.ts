import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Scope } from '#kernel';
import type { EffectiveBinding } from '#decision';
import { EvaluationPool, type PolicyModule, policyModule } from '#engine';
import { BoundPolicies, type Engine } from '#judging';
import { BuiltInLibrary, OwnModules, QuarantineService } from '#policies';
import { LOGGER, type Logger, Metrics } from '#platform';

/** Own policies get half of what the library gets for one object: what needs longer needs a better policy. */
const OWN_DEADLINE_MS = 500;

/** The workers that policies run in: the library's, and those of what organizations wrote themselves (H1). */
@Injectable()
export class Engines implements OnApplicationShutdown {
  private readonly builtIn: PolicyModule;
  private readonly libraryPool: EvaluationPool;
  private readonly ownPool: EvaluationPool;

  constructor(
    library: BuiltInLibrary,
    quarantine: QuarantineService,
    private readonly modules: OwnModules,
    metrics: Metrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    const { policies, module, digest } = library;
    this.builtIn = policyModule({ key: digest, owner: 'builtin', wasm: module.wasm, policies });
    this.libraryPool = new EvaluationPool({ probationMs: 0, onEvaluated: evaluated(metrics, 'library') });
    this.ownPool = new EvaluationPool({
      deadlineMs: OWN_DEADLINE_MS,
      onEvaluated: evaluated(metrics, 'own'),
      onQuarantine: (event) => {
        metrics.quarantined.inc();
        logger.warn({ org_id: event.owner, policy: event.policy, reason: event.reason }, 'policy quarantined');
        quarantine.note(event).catch((error: unknown) => logger.error({ err: error }, 'quarantine not kept'));
      },
    });
    const open = (pool: string, value: number) => ({ labels: { pool }, value });
    metrics.gauge(
      'engine_evaluations_open',
      'Evaluations that are under way or wait for a worker thread',
      () => [open('library', this.libraryPool.open), open('own', this.ownPool.open)],
      ['pool'],
    );
  }

  /**
   * Gets everything ready that bindings need: own policies are compiled where nobody has yet.
   * @param scope whose they are
   * @param bindings that will be judged by
   */
  async prepare(scope: Scope, bindings: readonly EffectiveBinding[]): Promise<BoundPolicies> {
    const items = bindings.flatMap((binding) => binding.items);
    const own = new Map(items.filter(({ origin }) => origin !== 'builtin').map((item) => [item.slug, item]));
    const made = await this.modules.of(scope, [...own.values()]);
    // What was lifted in Postgres may still be shut out in this process.
    for (const { policy } of this.ownPool.quarantined.filter(({ owner }) => owner === scope.orgId))
      if (own.has(policy) && own.get(policy)?.quarantine === undefined) this.ownPool.lift(scope.orgId, policy);
    const pinned = new Map<string, Engine>();
    for (const digest of new Set(items.flatMap(({ module }) => module ?? []))) {
      const module = await this.modules.pinned(scope, digest);
      pinned.set(digest, engineOf(this.libraryPool, module));
    }
    return new BoundPolicies(
      engineOf(this.libraryPool, this.builtIn),
      made && { ...engineOf(this.ownPool, made.module), broken: made.broken },
      pinned,
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.libraryPool.close(), this.ownPool.close()]);
  }
}

function engineOf(pool: EvaluationPool, module: PolicyModule): Engine {
  return { policies: module.policies, evaluate: (request, fixes) => pool.evaluate(module, request, fixes) };
}

function evaluated(metrics: Metrics, pool: string): (policies: number, seconds: number) => void {
  return (policies, seconds) => {
    metrics.enginePairs.inc({ pool }, policies);
    metrics.engineBusy.inc({ pool }, seconds);
  };
}
