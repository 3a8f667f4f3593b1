import { type JsonObject, publicId } from '#kernel';
import type { ValidateEnvelope } from '#contracts';
import type { ClusterFacts, OriginFacts } from '#decision';
import { type JudgeContext, type JudgedObject, type KnownObject, KnownObjects } from '#judging';
import type { Tx } from '#platform';
import * as inventory from './inventory-input.store.js';
import { inventoryRelations, loadOfKinds } from './inventory-relations.store.js';
import { kindsBeside, namespaceRelations } from './namespace-relations.rules.js';
import { ensureKeys, loadWider, widerRelations } from './related-lookup.store.js';
import type { Rules } from './rules-in-force.service.js';

/** What is known of where posted objects are to go, and of what lies there. */
export interface PostedSurroundings {
  origin: OriginFacts;
  around: Pick<JudgeContext, 'kubernetesVersion' | 'namespaceObject' | 'related'>;
}

/**
 * @param about what was said of the objects
 * @param posted all of them
 * @returns them by themselves, no cluster being named (F4)
 */
export function postedAlone(
  about: Omit<ValidateEnvelope, 'specs'>,
  posted: readonly JudgedObject[],
): PostedSurroundings {
  return {
    origin: originOf(about, saidOf(about)),
    around: {
      kubernetesVersion: undefined,
      namespaceObject: namespacesOver(new Map(), posted),
      related: new KnownObjects('posted', posted),
    },
  };
}

/**
 * @param tx the transaction
 * @param clusterId UUID of the cluster that was named, if any
 * @param about what was said of the objects
 * @returns where they are to go, and the release that runs there, as far as that is known
 */
export async function originBeside(
  tx: Tx,
  clusterId: string | undefined,
  about: Pick<ValidateEnvelope, 'environment' | 'cluster_labels' | 'context'>,
): Promise<{ origin: OriginFacts; kubernetesVersion: string | undefined }> {
  if (clusterId === undefined) return { origin: originOf(about, saidOf(about)), kubernetesVersion: undefined };
  const { facts, kubernetesVersion } = await clusterOf(tx, clusterId);
  return { origin: originOf(about, { ...facts, ...saidOf(about) }), kubernetesVersion };
}

/**
 * @param tx the transaction
 * @param clusterId UUID of the cluster that was named
 * @param about what was said of the objects
 * @param posted all of them
 * @param rules that they are judged by
 * @returns the posted set over the cluster's inventory (E7)
 */
export async function besideCluster(
  tx: Tx,
  clusterId: string,
  about: Omit<ValidateEnvelope, 'specs'>,
  posted: readonly JudgedObject[],
  rules: Rules,
): Promise<PostedSurroundings> {
  const { origin, kubernetesVersion } = await originBeside(tx, clusterId, about);
  const namespaces = await inventory.loadNamespaces(tx, clusterId);
  return {
    origin,
    around: {
      kubernetesVersion,
      namespaceObject: namespacesOver(namespaces, posted),
      related: await overInventory(tx, clusterId, posted, rules),
    },
  };
}

async function overInventory(
  tx: Tx,
  clusterId: string,
  posted: readonly JudgedObject[],
  { bindings, policies }: Rules,
): Promise<KnownObjects> {
  const metadata = bindings.flatMap(({ items }) => items.map((item) => policies.metadata(item)));
  const beside = await inventory.loadKinds(tx, clusterId, kindsBeside(namespaceRelations(metadata), posted));
  const relations = widerRelations(metadata);
  await ensureKeys(tx, clusterId, relations);
  const wider = await loadWider(tx, clusterId, relations, posted, posted.length);
  const known = await inventory.loadKnown(tx, clusterId);
  const ofKinds = new Map<string, readonly KnownObject[] | undefined>();
  const everywhere = known === 'all' ? inventoryRelations(bindings, policies) : [];
  await loadOfKinds(tx, clusterId, everywhere, posted, ofKinds);
  return new KnownObjects(known, [...beside, ...wider, ...posted], ofKinds);
}

function namespacesOver(
  known: Map<string, JsonObject>,
  posted: readonly JudgedObject[],
): (name: string) => JsonObject | undefined {
  for (const { identity, object } of posted)
    if (identity.kind === 'Namespace' && identity.group === '') known.set(identity.name, object);
  return (name) => known.get(name);
}

function originOf({ context }: Pick<ValidateEnvelope, 'context'>, cluster: ClusterFacts): OriginFacts {
  return { cluster, ...(context?.repository !== undefined && { repository: context.repository }) };
}

function saidOf({
  environment,
  cluster_labels: labels,
}: Pick<ValidateEnvelope, 'environment' | 'cluster_labels'>): ClusterFacts {
  return { ...(environment !== undefined && { environment }), ...(labels !== undefined && { labels }) };
}

async function clusterOf(
  tx: Tx,
  clusterId: string,
): Promise<{ facts: ClusterFacts; kubernetesVersion: string | undefined }> {
  const [row] = await tx.query<{
    labels: Record<string, string>;
    environment: string | null;
    kubernetes_version: string | null;
  }>('select labels, environment, kubernetes_version from app.cluster where org_id = $1 and cluster_id = $2', [
    tx.scope.orgId,
    clusterId,
  ]);
  const facts: ClusterFacts = {
    id: publicId('cluster', clusterId),
    labels: row?.labels ?? {},
    ...(row?.environment != null && { environment: row.environment }),
  };
  return { facts, kubernetesVersion: row?.kubernetes_version ?? undefined };
}
