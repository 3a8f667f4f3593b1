import { Injectable } from '@nestjs/common';
import { type JsonObject, publicId, type Scope, type Severity, uuidV7 } from '#kernel';
import type { ValidationResult } from '#contracts';
import { BoundChecks, type ClusterFacts, type EffectiveBinding, type OriginFacts } from '#decision';
import { loadBindings } from '#enforcement';
import { FleetReadModel } from '#fleet';
import {
  type BoundPolicies,
  type JudgeContext,
  type JudgedObject,
  type KnownObject,
  KnownObjects,
  type PostedObject,
  readPosted,
  type UnkeptResult,
  validatePosted,
  type ValidationInput,
  type ValidationWorld,
} from '#judging';
import { type ManifestDocument, readManifestsIsolated } from '#kube';
import { Database, type Tx } from '#platform';
import { traced } from '#tracing';
import { Engines } from './engines.service.js';
import * as inventory from './inventory-input.store.js';
import { inventoryRelations, loadOfKinds } from './inventory-relations.store.js';
import { ensureKeys, loadWider, widerRelations } from './related-lookup.store.js';
import { kindsBeside, namespaceRelations } from './namespace-relations.rules.js';

/** How long one posted text may take to be read. */
const READ_DEADLINE_MS = 10_000;

/** What an organization judges by. */
interface Bound {
  bindings: readonly EffectiveBinding[];
  policies: BoundPolicies;
}

/** Judges specs that were posted, by the same bindings and engine as the audit, and keeps what was answered. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly database: Database,
    private readonly fleet: FleetReadModel,
    private readonly engines: Engines,
  ) {}

  /**
   * @param scope who posts
   * @param input what was posted
   * @param keyFailOn the API key's own threshold, where it has one
   * @returns the answer; a violation is an answer, never an error
   * @throws AppError `all_documents_invalid` and `no_specs` where nothing could be judged,
   *   `body_too_large` for too many objects, `not_found` for an unknown cluster
   */
  async validate(scope: Scope, input: ValidationInput, keyFailOn: Severity | null): Promise<ValidationResult> {
    const posted = await readPosted(input, readText);
    const clusterId =
      input.about.cluster === undefined ? undefined : await this.fleet.resolve(scope, input.about.cluster);
    const bindings = await this.database.run(scope, (tx) => loadBindings(tx, 'ci'));
    const bound = { bindings, policies: await this.engines.prepare(scope, bindings) };
    const world = await this.database.run(scope, (tx) => this.world(tx, input, clusterId, posted.objects, bound));
    const failOn = input.about.fail_on ?? keyFailOn ?? world.failOn;
    const result = await traced(scope, 'judge', { attributes: { 'bylaw.objects': posted.objects.length } }, () =>
      validatePosted(posted, { ...world, failOn }),
    );
    return { id: await this.record(scope, input, clusterId, result), ...result };
  }

  private async world(
    tx: Tx,
    input: ValidationInput,
    clusterId: string | undefined,
    objects: readonly PostedObject[],
    { bindings, policies }: Bound,
  ): Promise<ValidationWorld> {
    const organization = await tx.query<{ fail_on: Severity }>(
      'select fail_on from app.organization where org_id = $1',
      [tx.scope.orgId],
    );
    const cluster = await clusterOf(tx, input, clusterId);
    const posted = objects.map(({ subject }) => subject);
    const namespaces =
      clusterId === undefined ? new Map<string, JsonObject>() : await inventory.loadNamespaces(tx, clusterId);
    for (const { identity, object } of posted)
      if (identity.kind === 'Namespace' && identity.group === '') namespaces.set(identity.name, object);
    const related = await this.besides(tx, clusterId, posted, { bindings, policies });
    const origin: OriginFacts = {
      cluster: cluster.facts,
      ...(input.about.context?.repository !== undefined && { repository: input.about.context.repository }),
    };
    const context: JudgeContext = {
      checks: new BoundChecks(bindings, origin),
      policies,
      kubernetesVersion: cluster.kubernetesVersion,
      namespaceObject: (name) => namespaces.get(name),
      related,
    };
    return { bindings, context, origin, failOn: organization[0]?.fail_on ?? 'high' };
  }

  /** The posted set over the named cluster's inventory (E7). */
  private async besides(
    tx: Tx,
    clusterId: string | undefined,
    posted: readonly JudgedObject[],
    bound: Bound,
  ): Promise<KnownObjects> {
    if (clusterId === undefined) return new KnownObjects('posted', posted);
    const policies = bound.bindings.flatMap(({ items }) => items.map((item) => bound.policies.metadata(item)));
    const beside = await inventory.loadKinds(tx, clusterId, kindsBeside(namespaceRelations(policies), posted));
    const relations = widerRelations(policies);
    await ensureKeys(tx, clusterId, relations);
    const wider = await loadWider(tx, clusterId, relations, posted, posted.length);
    const known = await inventory.loadKnown(tx, clusterId);
    const ofKinds = new Map<string, readonly KnownObject[] | undefined>();
    const everywhere = known === 'all' ? inventoryRelations(bound.bindings, bound.policies) : [];
    await loadOfKinds(tx, clusterId, everywhere, posted, ofKinds);
    return new KnownObjects(known, [...beside, ...wider, ...posted], ofKinds);
  }

  private async record(
    scope: Scope,
    input: ValidationInput,
    clusterId: string | undefined,
    result: UnkeptResult,
  ): Promise<string> {
    return this.database.run(scope, async (tx) => {
      const id = uuidV7(tx.now.getTime());
      const { decision, fail_on, summary, ...rest } = result;
      await tx.query(
        `insert into app.validation (org_id, validation_id, at, actor, decision, fail_on, cluster_id, context, summary, result)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          scope.orgId,
          id,
          tx.now,
          JSON.stringify(scope.actor),
          decision,
          fail_on,
          clusterId ?? null,
          JSON.stringify(input.about.context ?? {}),
          JSON.stringify(summary),
          JSON.stringify(rest),
        ],
      );
      return publicId('validation', id);
    });
  }
}

async function readText(content: string, path: string | null): Promise<ManifestDocument[]> {
  const options = { positions: true, ...(path !== null && { path }) };
  return (await readManifestsIsolated(content, options, READ_DEADLINE_MS)).documents;
}

async function clusterOf(
  tx: Tx,
  input: ValidationInput,
  clusterId: string | undefined,
): Promise<{ facts: ClusterFacts; kubernetesVersion: string | undefined }> {
  const { environment, cluster_labels: labels } = input.about;
  const said: ClusterFacts = {
    ...(environment !== undefined && { environment }),
    ...(labels !== undefined && { labels }),
  };
  if (clusterId === undefined) return { facts: said, kubernetesVersion: undefined };
  const rows = await tx.query<{
    labels: Record<string, string>;
    environment: string | null;
    kubernetes_version: string | null;
  }>('select labels, environment, kubernetes_version from app.cluster where org_id = $1 and cluster_id = $2', [
    tx.scope.orgId,
    clusterId,
  ]);
  const row = rows[0];
  const facts: ClusterFacts = {
    id: publicId('cluster', clusterId),
    labels: row?.labels ?? {},
    ...(row?.environment != null && { environment: row.environment }),
  };
  return { facts: { ...facts, ...said }, kubernetesVersion: row?.kubernetes_version ?? undefined };
}
