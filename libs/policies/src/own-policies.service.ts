import { Injectable } from '@nestjs/common';
import { AppError, publicId, type Scope, uuidV7 } from '#kernel';
import type { ClonePolicy, CreatePolicy, EndPolicy, NewVersion, PublishPolicy } from '#contracts';
import { Database, isUniqueViolation, refuseInUse, requireRevision, type Tx } from '#platform';
import { compileOwn, headOf, insertVersion, markPublished, type OwnVersion } from './own-policies.store.js';
import { requireRoom } from '#tenancy';
import { LibrarySamples } from './library-samples.js';
import { givenMetadata, givenRequest, refuseOthers, writtenFor } from './own-policy.rules.js';
import { requireRoomForVersion, requireRoomToAct } from './own-quotas.store.js';
import { POLICIES_CHANGED, POLICY_PUBLISHED, type PoliciesChanged, type PolicyPublished } from './policies.events.js';
import { Policy } from './policy.entity.js';
import { countOwn, loadVersion, lockOwn, usersOf } from './own-policies.read-model.js';
import { RegoCompilers } from './rego-compilers.js';
import { loadSaved } from './saved-policy.read-model.js';

/** The life of an organization's own policies: draft, published, deprecated, archived. Every saved text is a version. */
@Injectable()
export class OwnPoliciesService {
  constructor(
    private readonly database: Database,
    private readonly compilers: RegoCompilers,
    private readonly samples: LibrarySamples,
  ) {}

  /**
   * Saves a new policy as a draft, version 1.
   * @returns its UUID
   * @throws AppError `slug_taken`, `policy_does_not_compile`, `unprocessable`, `quota_exceeded`, `too_many_requests`
   */
  async create(scope: Scope, request: CreatePolicy): Promise<string> {
    const given = givenMetadata(request);
    const { slug, rego } = request;
    const written = writtenFor({}, request);
    const compiled = await compileOwn(this.compilers, scope.orgId, { slug, rego, given, ...written });
    const version: OwnVersion = { ...compiled, ...written, version: 1, rego, given };
    try {
      return await this.database.run(scope, async (tx) => {
        await requireRoom(tx, 'custom_policies', countOwn);
        const policyId = uuidV7(tx.now.getTime());
        const made = { origin: 'custom' as const, importKey: null, source: request.source ?? null };
        const state = { status: 'draft' as const, revision: 1, ...made };
        const head = headOf(tx, policyId, slug, version, state);
        await tx.repository(Policy).insert(head);
        await insertVersion(tx, policyId, version, request);
        audit(tx, 'policy.create', head, undefined, { slug, version: 1, note: request.note ?? null });
        return policyId;
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'policy_org_id_slug_key')) throw error;
      throw new AppError('slug_taken', `Another policy has the slug "${slug}": choose another.`, {
        cause: error,
      });
    }
  }

  /**
   * Saves what another policy is as a policy of the organization's own, to be changed: built-in ones too.
   * @param idOrSlug of the other
   * @returns its UUID
   * @throws as `create`, and `not_found`
   */
  async clone(scope: Scope, idOrSlug: string, { slug, version, title, note }: ClonePolicy): Promise<string> {
    const from = await this.database.run(scope, (tx) => loadSaved(tx, this.samples, idOrSlug, version));
    const { slug: origin, source: rego, metadata = {}, dialect, rego_version, libs } = from.source;
    const copy = {
      ...givenRequest(metadata),
      slug,
      rego,
      ...writtenFor({}, { dialect, rego_version, libs }),
      ...(title !== undefined && { title }),
      ...(from.tests !== undefined && { tests: from.tests }),
      cases: from.cases,
      note: note ?? `as version ${from.version} of ${origin}`,
    };
    return this.create(scope, copy as CreatePolicy);
  }

  /**
   * Saves the next version; it acts once it is published.
   * @param policyId UUID
   * @param revision that the change was made to
   * @returns its number
   * @throws AppError `not_found`, `read_only`, `conflict` where it is archived, `stale_revision`,
   *   `policy_does_not_compile`, `unprocessable`, `quota_exceeded`, `too_many_requests`
   */
  async addVersion(scope: Scope, policyId: string, revision: number | undefined, change: NewVersion): Promise<number> {
    const latest = await this.database.run(scope, (tx) => loadVersion(tx, policyId, undefined));
    // A file that is pushed says everything: what was given over the API before it was kept elsewhere ends with it.
    const kept = change.source !== undefined && change.rego !== undefined ? {} : latest.given;
    const given = { ...kept, ...givenMetadata(change) };
    const rego = change.rego ?? latest.rego;
    const written = writtenFor(latest, change);
    const compiled = await compileOwn(this.compilers, scope.orgId, { slug: latest.slug, rego, given, ...written });
    return this.database.run(scope, async (tx) => {
      const head = await lockOwn(tx, policyId);
      refuseOthers(head, change.source);
      requireRevision(head.revision, revision);
      refuseArchived(head);
      const now = await loadVersion(tx, policyId, undefined);
      requireRoomForVersion(now.version + 1);
      if (now.version !== latest.version)
        throw new AppError('stale_revision', `Version ${now.version} was saved meanwhile: read it and decide again.`);
      const version: OwnVersion = { ...compiled, ...written, version: now.version + 1, rego, given };
      await insertVersion(tx, policyId, version, {
        ...change,
        tests: change.tests ?? latest.tests ?? undefined,
        cases: change.cases ?? latest.cases,
      });
      const isDraft = head.status === 'draft';
      const state = { ...head, revision: head.revision + 1, source: change.source ?? head.source };
      const after = isDraft
        ? headOf(tx, policyId, head.slug, version, state)
        : { ...head, revision: state.revision, source: state.source, updatedAt: tx.now };
      await tx.repository(Policy).update({ orgId: scope.orgId, policyId }, after);
      audit(
        tx,
        'policy.version',
        head,
        { version: now.version },
        { version: version.version, note: change.note ?? null },
      );
      return version.version;
    });
  }

  /**
   * Makes a version act: whatever it touches is judged again.
   * @param policyId UUID
   * @param revision that the wish was made on
   * @throws AppError `not_found`, `read_only`, `conflict` where it is archived, `stale_revision`, `quota_exceeded`,
   *   `invalid_parameters` where a binding's parameters are none of that version's
   */
  async publish(scope: Scope, policyId: string, revision: number | undefined, request: PublishPolicy): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const head = await lockOwn(tx, policyId);
      refuseOthers(head, request.source);
      requireRevision(head.revision, revision);
      refuseArchived(head);
      const version = await loadVersion(tx, policyId, request.version);
      await requireRoomToAct(tx, policyId, version.version);
      const state = { ...head, status: 'published' as const, revision: head.revision + 1 };
      const after = headOf(tx, policyId, head.slug, version, state);
      await tx.repository(Policy).update({ orgId: scope.orgId, policyId }, after);
      await markPublished(tx, policyId, version.version, request.note);
      const published: PolicyPublished = { policy_id: policyId };
      tx.emit({ topic: POLICY_PUBLISHED, payload: { ...published } });
      emitChange(tx, policyId);
      audit(
        tx,
        'policy.publish',
        head,
        { status: head.status, version: head.version },
        { status: 'published', version: version.version, note: request.note ?? null },
      );
    });
  }

  /** Says that a policy is not to be used any more; where it is bound it goes on. */
  async deprecate(scope: Scope, policyId: string, revision: number | undefined, { source }: EndPolicy): Promise<void> {
    await this.changeStatus(scope, policyId, revision, { status: 'deprecated', source });
  }

  /**
   * Ends a policy that nothing uses; its history stays.
   * @throws AppError `not_found`, `read_only`, `stale_revision`, `in_use` with the bindings and sets that use it
   */
  async archive(scope: Scope, policyId: string, revision: number | undefined, { source }: EndPolicy): Promise<void> {
    await this.changeStatus(scope, policyId, revision, { status: 'archived', source });
  }

  /**
   * Lets a policy go from where it was kept: from then on it is changed here.
   * @throws AppError `not_found` where it is kept nowhere else, `read_only` where it is built in, `stale_revision`
   */
  async letGo(scope: Scope, policyId: string, revision: number | undefined): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const head = await lockOwn(tx, policyId);
      requireRevision(head.revision, revision);
      if (head.source === null) throw new AppError('not_found', `"${head.slug}" is kept here, and nowhere else.`);
      const after = { ...head, source: null, revision: head.revision + 1, updatedAt: tx.now };
      await tx.repository(Policy).update({ orgId: scope.orgId, policyId }, after);
      audit(tx, 'policy.let-go', head, { source: head.source }, { source: null });
    });
  }

  /**
   * Runs a policy again that was quarantined (H2); if it goes too far again, it is quarantined again.
   * @throws AppError `not_found`
   */
  async liftQuarantine(scope: Scope, policyId: string): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const head = await lockOwn(tx, policyId);
      const rows = await tx.query<{ reason: string; version: number }>(
        'delete from app.policy_quarantine where org_id = $1 and policy_id = $2 returning reason, version',
        [scope.orgId, policyId],
      );
      if (rows[0] === undefined) throw new AppError('not_found', `"${head.slug}" is not quarantined.`);
      audit(tx, 'policy.lift-quarantine', head, rows[0], undefined);
      emitChange(tx, policyId);
    });
  }

  private async changeStatus(
    scope: Scope,
    policyId: string,
    revision: number | undefined,
    { status, source }: { status: 'deprecated' | 'archived'; source: string | undefined },
  ): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const head = await lockOwn(tx, policyId);
      refuseOthers(head, source);
      requireRevision(head.revision, revision);
      if (status === 'deprecated' && head.status !== 'published')
        throw new AppError('conflict', `Only a published policy can be deprecated; "${head.slug}" is ${head.status}.`);
      if (status === 'archived') refuseInUse('policy', head.slug, await usersOf(tx, policyId));
      const after = { ...head, status, revision: head.revision + 1, updatedAt: tx.now };
      await tx.repository(Policy).update({ orgId: scope.orgId, policyId }, after);
      audit(tx, `policy.${status === 'archived' ? 'archive' : 'deprecate'}`, head, { status: head.status }, { status });
    });
  }
}

/** What is archived made room for others. */
function refuseArchived({ slug, status }: Policy): void {
  if (status !== 'archived') return;
  const detail = `"${slug}" is archived, for good: save its Rego as a policy of another slug.`;
  throw new AppError('conflict', detail);
}

function emitChange(tx: Tx, policyId: string): void {
  const payload: PoliciesChanged = { policy_ids: [policyId] };
  tx.emit({ topic: POLICIES_CHANGED, payload: { ...payload } });
}

function audit(tx: Tx, action: string, head: Policy, before: object | undefined, after: object | undefined): void {
  tx.audit({
    action,
    subject: publicId('policy', head.policyId),
    ...(before && { before: { slug: head.slug, ...before } }),
    ...(after && { after: { slug: head.slug, ...after } }),
  });
}
