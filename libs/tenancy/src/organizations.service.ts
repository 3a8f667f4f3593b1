import { Injectable } from '@nestjs/common';
import {
  type Actor,
  AppError,
  generateCredential,
  publicId,
  readCredential,
  type Scope,
  type Severity,
  uuidV7,
} from '#kernel';
import { API_KEY_SCOPES, type QuotaChange } from '#contracts';
import { Database, isUniqueViolation, requireRevision, type Tx } from '#platform';
import { ApiKeysService } from './api-keys.service.js';
import { Organization } from './organization.entity.js';
import { changedQuotas } from './quotas.rules.js';
import { OPERATOR_SCOPE, ORGANIZATION_CREATED } from './tenancy.events.js';

export interface NewOrganization {
  slug: string;
  name: string;
}

const OPERATOR: Actor = { type: 'operator', id: 'operator' };

/** Organizations: made by the operator, named and configured by their owners. */
@Injectable()
export class OrganizationsService {
  constructor(
    private readonly database: Database,
    private readonly apiKeys: ApiKeysService,
  ) {}

  /**
   * Makes an organization with its owner's key, and with all that belongs to it on its first day, in one commit. The new
   * organization learns that the operator made it; by which key is for the operator's own audit log.
   * @param operator who asks, in the operator's organization
   * @param request slug and name
   * @param at milliseconds since 1970, the time part of the ids
   * @throws AppError `slug_taken`
   */
  async create(operator: Scope, request: NewOrganization, at: number): Promise<{ orgId: string; key: string }> {
    const keyId = uuidV7(at);
    const key = generateCredential('api_key', keyId);
    const orgId = await this.insert(OPERATOR, request, at, { key, keyId, scopes: [...API_KEY_SCOPES] });
    await this.database.run(operator, async (tx) =>
      tx.audit({ action: 'organization.create', subject: publicId('organization', orgId), after: request }),
    );
    return { orgId, key };
  }

  /**
   * Makes the first organization where its slug is free; at later starts it is found.
   * @param request slug and name
   * @param ownerKey a well-formed API key: the owner's, and the operator's
   * @param at milliseconds since 1970
   * @returns its id
   * @throws AppError `bad_request` where the key is malformed
   */
  async ensureFirst(request: NewOrganization, ownerKey: string, at: number): Promise<string> {
    const present = await this.findBySlug(request.slug);
    if (present !== null) return present;
    const read = readCredential(ownerKey);
    if (read?.kind !== 'api_key') {
      throw new AppError('bad_request', 'BYLAW_INIT_API_KEY is no well-formed API key: `npx bylaw keygen` prints one.');
    }
    try {
      return await this.insert({ type: 'operator', id: 'installation' }, request, at, {
        key: ownerKey,
        keyId: read.id,
        scopes: [...API_KEY_SCOPES, OPERATOR_SCOPE],
      });
    } catch (error) {
      // Another replica that starts in this moment was first.
      const made = error instanceof AppError && error.code === 'slug_taken' && (await this.findBySlug(request.slug));
      if (typeof made === 'string') return made;
      throw error;
    }
  }

  /** @returns the id of the organization with that slug, or null */
  async findBySlug(slug: string): Promise<string | null> {
    const rows = await this.database.dangerouslyAskDirectory<{ id: string | null }>(
      'select directory.org_by_slug($1) as id',
      [slug],
    );
    return rows[0]?.id ?? null;
  }

  /** @returns the scope's own organization */
  async get(scope: Scope): Promise<Organization> {
    return this.database.run(scope, (tx) => own(tx));
  }

  /**
   * Changes name, `fail_on` or `ignores` of the scope's own organization.
   * @param revision that the change was made to
   * @throws AppError `stale_revision`
   */
  async patch(
    scope: Scope,
    revision: number | undefined,
    change: { name?: string | undefined; fail_on?: Severity | undefined; ignores?: boolean | undefined },
  ): Promise<Organization> {
    return this.database.run(scope, async (tx) => {
      const before = await own(tx, true);
      requireRevision(before.revision, revision);
      const after = {
        ...before,
        name: change.name ?? before.name,
        failOn: change.fail_on ?? before.failOn,
        ignores: change.ignores ?? before.ignores,
        revision: before.revision + 1,
      };
      await tx.repository(Organization).update({ orgId: scope.orgId }, after);
      tx.audit({
        action: 'organization.update',
        subject: publicId('organization', scope.orgId),
        before: { name: before.name, fail_on: before.failOn, ignores: before.ignores },
        after: { name: after.name, fail_on: after.failOn, ignores: after.ignores },
      });
      return after;
    });
  }

  /**
   * Changes how much an organization may hold and do. It learns that the operator did; by which key is for the operator's
   * own audit log.
   * @param operator who asks, in the operator's organization
   * @param orgId UUID
   * @param revision that the change was made to
   * @throws AppError `not_found`, `stale_revision`
   */
  async setQuotas(
    operator: Scope,
    orgId: string,
    revision: number | undefined,
    change: QuotaChange,
  ): Promise<Organization> {
    const scope: Scope = { ...operator, orgId, actor: operator.orgId === orgId ? operator.actor : OPERATOR };
    const subject = publicId('organization', orgId);
    const { before, after } = await this.database.run(scope, async (tx) => {
      const found = await own(tx, true);
      requireRevision(found.revision, revision);
      const changed = { ...found, quotas: changedQuotas(found.quotas, change), revision: found.revision + 1 };
      await tx.repository(Organization).update({ orgId }, { quotas: changed.quotas, revision: changed.revision });
      tx.audit({
        action: 'organization.quotas',
        subject,
        before: { quotas: found.quotas },
        after: { quotas: changed.quotas },
      });
      return { before: found, after: changed };
    });
    if (operator.orgId !== orgId) {
      await this.database.run(operator, async (tx) =>
        tx.audit({
          action: 'organization.quotas',
          subject,
          before: { quotas: before.quotas },
          after: { quotas: after.quotas },
        }),
      );
    }
    return after;
  }

  private async insert(
    actor: Actor,
    request: NewOrganization,
    at: number,
    owner: { key: string; keyId: string; scopes: string[] },
  ): Promise<string> {
    const orgId = uuidV7(at);
    const scope: Scope = { orgId, actor, reason: 'create organization' };
    try {
      await this.database.run(scope, async (tx) => {
        await tx.query('select directory.add_organization($1, $2)', [request.slug, tx.now]);
        await tx
          .repository(Organization)
          .insert({ orgId, ...request, failOn: 'high', quotas: {}, createdAt: tx.now, revision: 1 });
        tx.audit({ action: 'organization.create', subject: publicId('organization', orgId), after: request });
        await this.apiKeys.insert(tx, owner.key, owner.keyId, {
          name: 'owner',
          scopes: owner.scopes,
          failOn: null,
          expiresAt: null,
        });
        tx.emit({ topic: ORGANIZATION_CREATED, payload: {} });
      });
    } catch (error) {
      if (isUniqueViolation(error, 'organization_slug_key')) {
        throw new AppError('slug_taken', `Another organization has the slug "${request.slug}": choose another.`, {
          cause: error,
        });
      }
      throw error;
    }
    return orgId;
  }
}

async function own(tx: Tx, toChange = false): Promise<Organization> {
  const found = await tx.repository(Organization).findOne({
    where: { orgId: tx.scope.orgId },
    ...(toChange && { lock: { mode: 'pessimistic_write' } }),
  });
  if (found === null) throw new AppError('not_found', 'There is no such organization.');
  return found;
}
