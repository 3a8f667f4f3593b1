import { Injectable } from '@nestjs/common';
import { AppError, publicId, type Scope } from '#kernel';
import type {
  BacktestPolicy,
  BindingPreviewShape,
  PolicyBacktest,
  PolicyPreview,
  PreviewBinding,
  PreviewPolicy,
} from '#contracts';
import type { EffectiveBinding } from '#decision';
import { FairSlots } from '#engine';
import { asAuthor } from '#policies';
import { Database } from '#platform';
import { BacktestTally } from './backtest.rules.js';
import { BlockedTally } from './blocked.rules.js';
import { Engines } from './engines.service.js';
import { PreviewTally } from './impact.rules.js';
import { loadFailingToday } from './impact-input.store.js';
import {
  type ImpactPlan,
  listTriedClusters,
  planDeny,
  planImpact,
  type TriedCluster,
} from './impact-plan.read-model.js';
import { bindingsFor, type ImpactWalk, walkInventory, walkRevisions } from './impact-walk.js';

const DAY_MS = 86_400_000;
/** Less than what stands between clients and us waits for an answer. */
const TIME_MS = 50_000;
/** At a time in a process: each keeps the engine busy. */
const AT_ONCE = 2;
const WAITING = 4;
const ASSUMPTIONS = [
  'clusters, the labels of namespaces, and the objects that a policy looks at beside the judged one, are as they are today',
  'objects that a controller of the inventory owns are judged in their controller',
];

/** What a policy or a binding would do, without doing it: nothing is written. */
@Injectable()
export class PolicyImpact {
  private readonly slots = new FairSlots(AT_ONCE, WAITING);

  constructor(
    private readonly database: Database,
    private readonly engines: Engines,
  ) {}

  /**
   * Judges today's inventory by a version of a policy.
   * @param idOrSlug of the policy
   * @throws AppError `not_found`, `invalid_parameters`, `unprocessable`, `too_many_requests`
   */
  async preview(scope: Scope, idOrSlug: string, request: PreviewPolicy): Promise<PolicyPreview> {
    return this.inTurn(scope, async (isLate) => {
      const plan = await this.database.run(scope, (tx) => planImpact(tx, idOrSlug, request));
      const { policyId } = plan.policy;
      const tally = new PreviewTally(request.limit);
      await this.eachCluster(scope, plan.bindings, request.cluster_id, isLate, async (walk, cluster) => {
        const { clusterId } = cluster;
        const failing = await this.database.run(scope, (tx) => loadFailingToday(tx, clusterId, policyId));
        const own = tally.cluster(cluster, failing);
        tally.end(own, await walkInventory(walk, clusterId, (content) => own.add(content)));
      });
      return { ...triedOf(plan), ...tally.answer() };
    });
  }

  /**
   * Judges every content that objects had in the last days by a version of a policy.
   * @param idOrSlug of the policy
   * @throws as `preview`
   */
  async backtest(scope: Scope, idOrSlug: string, request: BacktestPolicy): Promise<PolicyBacktest> {
    return this.inTurn(scope, async (isLate) => {
      const { plan, now } = await this.database.run(scope, async (tx) => ({
        plan: await planImpact(tx, idOrSlug, request),
        now: tx.now,
      }));
      const from = new Date(now.getTime() - request.days * DAY_MS);
      const tally = new BacktestTally(from, now, request.limit);
      let complete = true;
      await this.eachCluster(scope, plan.bindings, request.cluster_id, isLate, async (walk, cluster) => {
        const done = await walkRevisions(walk, cluster.clusterId, from, (revisions) => tally.add(cluster, revisions));
        complete &&= done;
      });
      const range = { from: from.toISOString(), to: now.toISOString() };
      return { ...triedOf(plan), ...range, complete, ...tally.answer(), assumptions: ASSUMPTIONS };
    });
  }

  /**
   * Judges what was made and changed in the last days, as if a binding had been enforced with deny.
   * @param bindingId UUID
   * @throws AppError `not_found`, `too_many_requests`
   */
  async previewDeny(scope: Scope, bindingId: string, request: PreviewBinding): Promise<BindingPreviewShape> {
    return this.inTurn(scope, async (isLate) => {
      const { binding, now } = await this.database.run(scope, async (tx) => ({
        binding: await planDeny(tx, bindingId),
        now: tx.now,
      }));
      const from = new Date(now.getTime() - request.days * DAY_MS);
      const tally = new BlockedTally(from, binding.onError === 'deny', request.limit);
      let complete = true;
      await this.eachCluster(scope, [binding], request.cluster_id, isLate, async (walk, cluster) => {
        const done = await walkRevisions(walk, cluster.clusterId, from, (revisions) => tally.add(cluster, revisions));
        complete &&= done;
      });
      return {
        binding: { id: publicId('binding', bindingId), name: binding.name },
        from: from.toISOString(),
        to: now.toISOString(),
        complete,
        ...tally.answer(),
        assumptions: ASSUMPTIONS,
      };
    });
  }

  /** Cluster by cluster: those that no binding means are left out. */
  private async eachCluster(
    scope: Scope,
    bindings: readonly EffectiveBinding[],
    clusterId: string | undefined,
    isLate: () => boolean,
    visit: (walk: ImpactWalk, cluster: TriedCluster) => Promise<void>,
  ): Promise<void> {
    const policies = await this.engines.prepare(scope, bindings);
    for (const item of bindings.flatMap(({ items }) => items)) {
      const refusal = policies.refusal(item);
      if (refusal !== undefined) throw new AppError('unprocessable', `"${item.slug}" can't be run: ${refusal}.`);
    }
    const clusters = await this.database.run(scope, (tx) => listTriedClusters(tx, clusterId));
    for (const cluster of clusters) {
      const meant = bindingsFor(bindings, cluster);
      if (meant.length === 0) continue;
      const { database } = this;
      await visit({ scope, database, bindings: meant, policies, isLate }, cluster);
    }
  }

  /** An organization takes turns with others, and has only so long. */
  private inTurn<Answer>(scope: Scope, work: (isLate: () => boolean) => Promise<Answer>): Promise<Answer> {
    return asAuthor(() =>
      this.slots.run(scope.orgId, () => {
        const end = performance.now() + TIME_MS;
        return work(() => performance.now() > end);
      }),
    );
  }
}

function triedOf({ policy, bindings, bound }: ImpactPlan): Pick<PolicyPreview, 'policy' | 'bindings'> {
  const { policyId, slug, version, actingVersion } = policy;
  return {
    policy: { id: publicId('policy', policyId), slug, version, acting_version: actingVersion },
    bindings: bound ? bindings.map(({ bindingId }) => publicId('binding', bindingId)) : [],
  };
}
