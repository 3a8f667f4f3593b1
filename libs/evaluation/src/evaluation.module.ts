import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { conditionsOfPolicies, ENFORCEMENT_CHANGED, type EnforcementChanged, loadBoundRelations } from '#enforcement';
import {
  CLUSTER_CHANGED,
  CLUSTER_REMOVED,
  type ClusterChanged,
  FleetModule,
  INVENTORY_CHANGED,
  INVENTORY_LISTED,
} from '#fleet';
import { closeManifestReaders } from '#kube';
import { POLICIES_CHANGED, type PoliciesChanged, PoliciesModule } from '#policies';
import { EventHandlers, type EventOrigin, type Tx } from '#platform';
import { clustersMeant } from './affected-clusters.store.js';
import { closeCluster } from './cluster-removal.store.js';
import { Engines } from './engines.service.js';
import { PolicyImpact } from './policy-impact.service.js';
import { RulesInForce } from './rules-in-force.service.js';
import { RunEvaluation } from './run-evaluation.service.js';
import { RunFigures } from './run-figures.js';
import { RunLedger } from './run-ledger.store.js';
import { RunsReadModel } from './runs.read-model.js';
import { RunsService } from './runs.service.js';
import { SchedulesService } from './schedules.service.js';
import { ValidationBundles } from './validation-bundles.service.js';
import { ValidationRecords } from './validation-records.service.js';
import { ValidationService } from './validation.service.js';
import { ValidationsReadModel } from './validations.read-model.js';

const PUBLIC = [
  Engines,
  PolicyImpact,
  RunLedger,
  RunsService,
  RunsReadModel,
  SchedulesService,
  ValidationBundles,
  ValidationService,
  ValidationsReadModel,
];

@Module({
  imports: [FleetModule, PoliciesModule],
  providers: [RulesInForce, RunEvaluation, RunFigures, ValidationRecords, ...PUBLIC],
  exports: [...PUBLIC],
})
export class EvaluationModule implements OnApplicationShutdown {
  constructor(handlers: EventHandlers, ledger: RunLedger) {
    handlers.onceDelivered(INVENTORY_CHANGED, async (tx, payload, { at, traceparent }) => {
      const { cluster_id: clusterId, object_ids: objects } = payload as { cluster_id: string; object_ids: string[] };
      const scope = { objects };
      await ledger.want(tx, clusterId, { trigger: 'object-change', scope, force: false, arrivedAt: at, traceparent });
    });
    handlers.onceDelivered(INVENTORY_LISTED, async (tx, payload, { traceparent }) => {
      // What was judged meanwhile could not tell "not there" from "not yet"; what was found keeps its verdict.
      if ((await loadBoundRelations(tx)).length === 0) return;
      await ledger.want(tx, String(payload['cluster_id']), {
        trigger: 'object-change',
        scope: { all: true },
        force: false,
        traceparent,
      });
    });
    const lookAgain = async (tx: Tx, clusterIds: readonly string[], { traceparent }: EventOrigin): Promise<void> => {
      for (const clusterId of clusterIds)
        await ledger.want(tx, clusterId, { trigger: 'policy-change', scope: { all: true }, force: false, traceparent });
    };
    handlers.onceDelivered(POLICIES_CHANGED, async (tx, payload, origin) => {
      const { policy_ids: policyIds } = payload as unknown as PoliciesChanged;
      await lookAgain(tx, await clustersMeant(tx, await conditionsOfPolicies(tx, policyIds)), origin);
    });
    handlers.onceDelivered(ENFORCEMENT_CHANGED, async (tx, payload, origin) => {
      const { conditions } = payload as unknown as EnforcementChanged;
      await lookAgain(tx, await clustersMeant(tx, conditions), origin);
    });
    handlers.onceDelivered(CLUSTER_CHANGED, (tx, payload, origin) =>
      lookAgain(tx, [(payload as unknown as ClusterChanged).cluster_id], origin),
    );
    handlers.onceDelivered(CLUSTER_REMOVED, (tx, payload) => closeCluster(tx, String(payload['cluster_id'])));
  }

  async onApplicationShutdown(): Promise<void> {
    await closeManifestReaders();
  }
}
