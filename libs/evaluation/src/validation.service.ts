import { Injectable } from '@nestjs/common';
import { AppError, type JsonObject, publicId, type Scope, type Severity, uuidV7 } from '#kernel';
import { VALIDATION_OBJECTS_MAX, type ValidationDocument, type ValidationResult } from '#contracts';
import {
  BoundChecks,
  type ClusterFacts,
  decide,
  type EffectiveBinding,
  notConsidered,
  type OriginFacts,
} from '#decision';
import { loadBindings } from '#enforcement';
import { FleetReadModel } from '#fleet';
import { expandLists, type ManifestDocument, normalise, readManifestsIsolated } from '#kube';
import { Database, type Tx } from '#platform';
import { traced } from '#tracing';
import { objectRef } from './answer-shapes.rules.js';
import type { BoundPolicies } from './bound-policies.js';
import { Engines } from './engines.service.js';
import * as inventory from './inventory-input.store.js';
import { inventoryRelations, loadOfKinds } from './inventory-relations.store.js';
import { type Case, Judge, type JudgeContext, type JudgedObject } from './judge.service.js';
import { type KnownObject, KnownObjects } from './known-objects.js';
import { ensureKeys, loadWider, widerRelations } from './related-lookup.store.js';
import { kindsBeside, namespaceRelations } from './namespace-relations.rules.js';
import { documentsOf, noSpecs, type ValidationInput } from './validation-input.rules.js';
import {
  type JudgedDocument,
  summaryOf,
  unjudgedDocument,
  unresolvedOf,
  violationsOf,
} from './validation-result.rules.js';

/** How long one posted text may take to be read. */
const READ_DEADLINE_MS = 10_000;

/** What an organization judges by. */
interface Bound {
  bindings: readonly EffectiveBinding[];
  policies: BoundPolicies;
}

interface PostedDocument {
  document: ManifestDocument;
  path: string | null;
  subject?: JudgedObject;
}

/** Judges specs that were posted, by the same bindings and engine as the audit, and keeps what was answered. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly database: Database,
    private readonly fleet: FleetReadModel,
    private readonly judge: Judge,
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
    const posted = (await readAll(input)).map((one) => normalised(one, input.about.namespace));
    const documents = posted.map((one, index) => documentAnswer(one, index));
    const subjects = posted.filter((one): one is Required<PostedDocument> => one.subject !== undefined);
    if (subjects.length === 0 && documents.some(({ status }) => status === 'invalid')) {
      throw new AppError(
        'all_documents_invalid',
        'None of the documents is a valid Kubernetes object; each says why.',
        { extra: { documents } },
      );
    }
    if (subjects.length === 0) throw noSpecs('There is no object in what was posted');
    if (subjects.length > VALIDATION_OBJECTS_MAX) {
      throw new AppError(
        'body_too_large',
        `${subjects.length} objects were posted; a validation takes at most ${VALIDATION_OBJECTS_MAX}: post them in parts.`,
      );
    }
    const clusterId =
      input.about.cluster === undefined ? undefined : await this.fleet.resolve(scope, input.about.cluster);
    const bindings = await this.database.run(scope, (tx) => loadBindings(tx, 'ci'));
    const bound = { bindings, policies: await this.engines.prepare(scope, bindings) };
    const prepared = await this.database.run(scope, (tx) => this.context(tx, input, clusterId, subjects, bound));
    const judged = await traced(scope, 'judge', { attributes: { 'bylaw.objects': subjects.length } }, () =>
      this.judgeEach(subjects, prepared.context),
    );
    const failOn = input.about.fail_on ?? keyFailOn ?? prepared.failOn;
    const violations = judged.flatMap((one) =>
      violationsOf(one, (check) => bound.policies.metadata(check)?.remediation ?? ''),
    );
    const result: Omit<ValidationResult, 'id'> = {
      decision: decide(judged.flatMap(decidingVerdicts), failOn),
      fail_on: failOn,
      not_considered: notConsidered(bindings, prepared.origin, unknownNamespaces(subjects, prepared.context)),
      summary: summaryOf(judged, violations),
      violations,
      unresolved: judged.flatMap(unresolvedOf),
      documents,
    };
    return { id: await this.record(scope, input, clusterId, result), ...result };
  }

  private async judgeEach(
    subjects: readonly Required<PostedDocument>[],
    context: JudgeContext,
  ): Promise<JudgedDocument[]> {
    const judged: JudgedDocument[] = [];
    for (const one of subjects) judged.push(await this.judgeOne(one, context));
    return judged;
  }

  private async judgeOne(one: Required<PostedDocument>, context: JudgeContext): Promise<JudgedDocument> {
    const prepared: Case = this.judge.prepare(one.subject, context);
    const verdicts = await this.judge.judge(prepared, context, 'whole');
    return { document: one.document, path: one.path, prepared, verdicts };
  }

  private async context(
    tx: Tx,
    input: ValidationInput,
    clusterId: string | undefined,
    subjects: readonly Required<PostedDocument>[],
    { bindings, policies }: Bound,
  ): Promise<{ context: JudgeContext; origin: OriginFacts; failOn: Severity }> {
    const organization = await tx.query<{ fail_on: Severity }>(
      'select fail_on from app.organization where org_id = $1',
      [tx.scope.orgId],
    );
    const cluster = await clusterOf(tx, input, clusterId);
    const posted = subjects.map(({ subject }) => subject);
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
    return { context, origin, failOn: organization[0]?.fail_on ?? 'high' };
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
    result: Omit<ValidationResult, 'id'>,
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

async function readAll(input: ValidationInput): Promise<PostedDocument[]> {
  const read: PostedDocument[] = [];
  for (const { path, content } of input.texts) {
    const options = { positions: true, ...(path !== null && { path }) };
    const { documents } = await readManifestsIsolated(content, options, READ_DEADLINE_MS);
    for (const document of documents.flatMap(expandLists)) read.push({ document, path });
  }
  for (const [index, value] of input.objects.entries()) {
    for (const document of documentsOf(value, index)) read.push({ document, path: null });
  }
  return read;
}

function normalised(one: PostedDocument, namespace: string | undefined): PostedDocument {
  const { document } = one;
  if (document.object === undefined) return one;
  const result = normalise(document.object, namespace === undefined ? {} : { namespace });
  if (result.ok)
    return { ...one, subject: { identity: result.identity, object: result.object, path: one.path ?? undefined } };
  const [first] = result.problems;
  const place = document.locate(first?.path ?? '');
  const message = result.problems.map(({ path, message: why }) => `${path} ${why}`.trim()).join('; ');
  return { ...one, document: { ...document, status: 'invalid', error: { code: 'not_kubernetes', message, ...place } } };
}

function documentAnswer(one: PostedDocument, index: number): ValidationDocument {
  const warned = one.document.warnings.length > 0 && { warnings: one.document.warnings };
  if (one.subject === undefined) return { ...unjudgedDocument(one.document, one.path, index), ...warned };
  const { identity, object } = one.subject;
  return { index, path: one.path, status: 'ok', object: objectRef(identity, object), ...warned };
}

function unknownNamespaces(subjects: readonly Required<PostedDocument>[], context: JudgeContext): string[] {
  const namespaces = new Set(subjects.map(({ subject }) => subject.identity.namespace));
  return [...namespaces].filter((name) => name !== '' && context.namespaceObject(name) === undefined).sort();
}

function decidingVerdicts({ verdicts }: JudgedDocument) {
  return verdicts.flatMap(({ check, verdict }) =>
    verdict.verdict === 'not_applicable'
      ? []
      : [{ verdict: verdict.verdict, enforcement: check.enforcement, severity: check.severity }],
  );
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
