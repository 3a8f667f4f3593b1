import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { canonicalJson, type Scope, type Severity } from '#kernel';
import { BoundChecks, type EffectiveBinding, type OriginFacts } from '#decision';
import { loadBindings } from '#enforcement';
import type { BoundPolicies } from '#judging';
import { Database } from '#platform';
import { Engines } from './engines.service.js';

/** Organizations whose rules this process keeps ready, and places that objects come from in each. */
const KEPT = 64;
const ORIGINS_KEPT = 50;

/** What makes somebody post specs. */
export type ValidationTrigger = 'ci' | 'git-push';

/** What an organization judges posted specs by. */
export class Rules {
  private readonly checks = new LRUCache<string, BoundChecks>({ max: ORIGINS_KEPT });

  constructor(
    readonly bindings: readonly EffectiveBinding[],
    readonly policies: BoundPolicies,
  ) {}

  /**
   * @param origin where objects come from
   * @returns what the bindings say of objects from there
   */
  checksFor(origin: OriginFacts): BoundChecks {
    const key = canonicalJson(origin);
    const checks = this.checks.get(key) ?? new BoundChecks(this.bindings, origin);
    this.checks.set(key, checks);
    return checks;
  }
}

/**
 * Keeps what organizations judge posted specs by, as long as nobody has changed it: each transaction that changes what
 * bindings say moves the organization's `enforcement_revision`, which every validation reads first.
 */
@Injectable()
export class RulesInForce {
  private readonly kept = new LRUCache<string, { revision: string | null; rules: Promise<Rules> }>({ max: KEPT });

  constructor(
    private readonly database: Database,
    private readonly engines: Engines,
  ) {}

  /**
   * @param scope who asks
   * @param trigger whose bindings look
   * @returns the rules, at least as new as when it was asked, and what the organization said of validations
   */
  async of(scope: Scope, trigger: ValidationTrigger): Promise<{ rules: Rules; failOn: Severity; ignores: boolean }> {
    const { rows } = await this.database.glance<{ fail_on: Severity; ignores: boolean; revision: string | null }>(
      scope,
      `select o.fail_on, o.ignores, r.moved_by::text as revision from app.organization o
         left join app.enforcement_revision r on r.org_id = o.org_id where o.org_id = $1`,
      [scope.orgId],
    );
    const { fail_on: failOn = 'high', ignores = false, revision = null } = rows[0] ?? {};
    return { rules: await this.at(scope, trigger, revision), failOn, ignores };
  }

  /** Loaded once, however many ask together; after the revision was read, so that what is kept under it is never older. */
  private at(scope: Scope, trigger: ValidationTrigger, revision: string | null): Promise<Rules> {
    const key = `${scope.orgId}/${trigger}`;
    const kept = this.kept.get(key);
    if (kept?.revision === revision) return kept.rules;
    const rules = this.load(scope, trigger);
    this.kept.set(key, { revision, rules });
    rules.catch(() => {
      if (this.kept.get(key)?.rules === rules) this.kept.delete(key);
    });
    return rules;
  }

  private async load(scope: Scope, trigger: ValidationTrigger): Promise<Rules> {
    const bindings = await this.database.run(scope, (tx) => loadBindings(tx, trigger));
    return new Rules(bindings, await this.engines.prepare(scope, bindings));
  }
}
