import { publicId } from '#kernel';
import { BoundChecks, type EffectiveBinding } from '#decision';
import {
  type BoundPolicies,
  type JudgeContext,
  kindsKey,
  type Known,
  type KnownObject,
  KnownObjects,
  type RelatedSource,
} from '#judging';
import type { Tx } from '#platform';
import * as inventory from './inventory-input.store.js';
import { type InventoryRelation, inventoryRelations, loadOfKinds } from './inventory-relations.store.js';
import { type JudgedRelation, loadWider, widerRelations } from './related-lookup.store.js';
import {
  kindsBeside,
  type NamespaceRelation,
  namespaceRelations,
  NamespaceShelf,
} from './namespace-relations.rules.js';

/** What surrounds the objects of a cluster that are judged: loaded once, and what lies beside them as they come (E7). */
export class ClusterSurroundings {
  /** What was loaded already of what policies look at in namespaces. */
  private readonly shelf: NamespaceShelf;
  /** Objects of the kinds that policies look through, as far as they were loaded. */
  private readonly ofKinds = new Map<string, readonly KnownObject[] | undefined>();

  private constructor(
    private readonly clusterId: string,
    readonly context: Omit<JudgeContext, 'related'>,
    private readonly known: Known,
    private readonly inNamespaces: readonly NamespaceRelation[],
    private readonly relations: readonly JudgedRelation[],
    private readonly lookingEverywhere: readonly InventoryRelation[],
  ) {
    this.shelf = new NamespaceShelf(inNamespaces);
  }

  /**
   * @param tx the transaction
   * @param clusterId UUID
   * @param bindings that are judged by
   * @param policies their modules
   */
  static async load(
    tx: Tx,
    clusterId: string,
    bindings: readonly EffectiveBinding[],
    policies: BoundPolicies,
  ): Promise<ClusterSurroundings> {
    const metadata = bindings.flatMap(({ items }) => items.map((item) => policies.metadata(item)));
    const namespaces = await inventory.loadNamespaces(tx, clusterId);
    const facts = await clusterFacts(tx, clusterId);
    const context: Omit<JudgeContext, 'related'> = {
      checks: new BoundChecks(bindings, {
        cluster: {
          id: publicId('cluster', clusterId),
          labels: facts.labels,
          ...(facts.environment !== null && { environment: facts.environment }),
        },
      }),
      kubernetesVersion: facts.kubernetes_version ?? undefined,
      namespaceObject: (name) => namespaces.get(name),
      policies,
    };
    const known = await inventory.loadKnown(tx, clusterId);
    const everywhere = known === 'all' ? inventoryRelations(bindings, policies) : [];
    const beside = namespaceRelations(metadata);
    return new ClusterSurroundings(clusterId, context, known, beside, widerRelations(metadata), everywhere);
  }

  /**
   * @param tx the transaction
   * @param judged objects that are judged together
   * @returns what policies may look at beside them
   */
  async beside(tx: Tx, judged: readonly KnownObject[]): Promise<RelatedSource> {
    const missing = this.shelf.missing(kindsBeside(this.inNamespaces, judged));
    this.shelf.add(missing, await inventory.loadKinds(tx, this.clusterId, missing));
    await loadOfKinds(tx, this.clusterId, this.lookingEverywhere, judged, this.ofKinds);
    const wider = new KnownObjects(this.known, [
      ...(await loadWider(tx, this.clusterId, this.relations, judged)),
      ...judged,
    ]);
    return {
      known: this.known,
      inNamespace: (namespace) => this.shelf.inNamespace(namespace),
      named: (name) => wider.named(name),
      sharing: (path, key) => wider.sharing(path, key),
      everywhere: (kinds) => this.ofKinds.get(kindsKey(kinds)),
    };
  }
}

interface ClusterRow {
  labels: Record<string, string>;
  environment: string | null;
  kubernetes_version: string | null;
}

async function clusterFacts(tx: Tx, clusterId: string): Promise<ClusterRow> {
  const rows = await tx.query<ClusterRow>(
    'select labels, environment, kubernetes_version from app.cluster where org_id = $1 and cluster_id = $2',
    [tx.scope.orgId, clusterId],
  );
  return rows[0] ?? { labels: {}, environment: null, kubernetes_version: null };
}
