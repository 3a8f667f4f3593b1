import { Injectable } from '@nestjs/common';
import { type Actor, AppError, generateCredential, publicId, type Scope, type Severity, uuidV7 } from '#kernel';
import type { ApiKeyShape, CreateApiKey } from '#contracts';
import { Database, type Tx } from '#platform';
import { type FindOptionsWhere, IsNull, MoreThan } from 'typeorm';
import { ApiKey } from './api-key.entity.js';
import { CredentialDirectory } from './credential-directory.js';
import type { QuotaOverrides } from './quotas.rules.js';
import { OPERATOR_SCOPE } from './tenancy.events.js';

/** Who a request comes from, once its API key is known to be good. */
export interface Principal {
  orgId: string;
  actor: Actor;
  scopes: readonly string[];
  failOn: Severity | null;
  /** What the operator said of its organization. */
  quotas: QuotaOverrides;
}

/** API keys: made, listed, replaced, revoked, and checked. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly database: Database,
    private readonly directory: CredentialDirectory,
  ) {}

  /**
   * Checks a key that a client sent.
   * @param key as it was sent
   * @throws AppError `unauthenticated`, `credential_revoked`, `credential_expired`
   */
  async authenticate(key: string): Promise<Principal> {
    const { orgId, credentialId } = await this.directory.find('api_key', key);
    const scope: Scope = { orgId, actor: { type: 'api_key', id: credentialId }, reason: 'authenticate' };
    const { rows, now } = await this.database.glance<CheckedKey>(scope, KEY_AND_QUOTAS, [orgId, credentialId]);
    const [found] = rows;
    if (found === undefined)
      throw new AppError('unauthenticated', 'Send a valid API key as `Authorization: Bearer bylaw_key_…`.');
    if (found.revokedAt !== null) {
      throw new AppError(
        'credential_revoked',
        `The API key "${found.name}" was revoked; ask an administrator for a new one.`,
      );
    }
    if (found.expiresAt !== null && found.expiresAt <= now) {
      throw new AppError(
        'credential_expired',
        `The API key "${found.name}" expired at ${found.expiresAt.toISOString()}; make a new one.`,
      );
    }
    const actor: Actor = { type: 'api_key', id: publicId('apiKey', credentialId), name: found.name };
    return { orgId, actor, scopes: found.scopes, failOn: found.failOn, quotas: found.quotas };
  }

  /**
   * Makes a key; its text is in this answer and nowhere else.
   * @param scope who asks
   * @param request name, scopes, expiry
   * @throws AppError `bad_request` where it would expire before it begins
   */
  async create(scope: Scope, request: CreateApiKey): Promise<ApiKeyShape & { key: string }> {
    return this.database.run(scope, async (tx) => {
      const expiresAt = request.expires_at === undefined ? null : new Date(request.expires_at);
      if (expiresAt !== null && expiresAt <= tx.now) {
        throw new AppError('bad_request', 'An API key has to expire in the future, or never.', {
          errors: [{ pointer: '/expires_at', detail: 'lies in the past' }],
        });
      }
      const id = uuidV7(tx.now.getTime());
      return this.insert(tx, generateCredential('api_key', id), id, {
        name: request.name,
        scopes: request.scopes,
        failOn: request.fail_on ?? null,
        expiresAt,
      });
    });
  }

  /** Enters a key whose text is known already: the owner's at first start, and those made here. */
  async insert(
    tx: Tx,
    key: string,
    apiKeyId: string,
    properties: Pick<ApiKey, 'name' | 'scopes' | 'failOn' | 'expiresAt'>,
  ): Promise<ApiKeyShape & { key: string }> {
    const hmac = this.directory.hmacOf(key);
    const row: ApiKey = {
      ...properties,
      orgId: tx.scope.orgId,
      apiKeyId,
      hint: key.slice(-4),
      hmac,
      createdAt: tx.now,
      revokedAt: null,
    };
    await tx.repository(ApiKey).insert(row);
    await this.directory.add(tx, 'api_key', apiKeyId, hmac);
    const shape = shapeOf(row);
    tx.audit({ action: 'api-key.create', subject: shape.id, after: shape });
    return { ...shape, key };
  }

  /**
   * @param scope who asks
   * @param limit how many at most
   * @param after id (UUID) of the last key of the page before
   * @returns keys in the order they were made, revoked ones too, without their text
   */
  async list(scope: Scope, limit: number, after: string | undefined): Promise<ApiKeyShape[]> {
    const where: FindOptionsWhere<ApiKey> = {
      orgId: scope.orgId,
      ...(after === undefined ? {} : { apiKeyId: MoreThan(after) }),
    };
    return this.database.run(scope, async (tx) =>
      (await tx.repository(ApiKey).find({ where, order: { apiKeyId: 'ASC' }, take: limit })).map(shapeOf),
    );
  }

  /**
   * Revokes a key at once and for good.
   * @param by scopes of the key that asks
   * @throws AppError `not_found`, `forbidden_scope`
   */
  async revoke(scope: Scope, apiKeyId: string, by: readonly string[]): Promise<void> {
    await this.database.run(scope, async (tx) => this.revokeIn(tx, apiKeyId, by));
  }

  /**
   * Replaces a key by a new one with the same name, scopes and expiry; the old one ends in the same moment.
   * @param by scopes of the key that asks
   * @throws AppError `not_found`, `forbidden_scope`
   */
  async rotate(scope: Scope, apiKeyId: string, by: readonly string[]): Promise<ApiKeyShape & { key: string }> {
    return this.database.run(scope, async (tx) => {
      const old = await this.revokeIn(tx, apiKeyId, by);
      const id = uuidV7(tx.now.getTime());
      return this.insert(tx, generateCredential('api_key', id), id, old);
    });
  }

  /** The operator's key is worth more than an administrator's: who could replace it would become the operator. */
  private async revokeIn(tx: Tx, apiKeyId: string, by: readonly string[]): Promise<ApiKey> {
    const where = { orgId: tx.scope.orgId, apiKeyId, revokedAt: IsNull() };
    const found = await tx.repository(ApiKey).findOne({ where, lock: { mode: 'pessimistic_write' } });
    if (found === null) throw new AppError('not_found', 'There is no such API key, or it was revoked already.');
    if (found.scopes.includes(OPERATOR_SCOPE) && !by.includes(OPERATOR_SCOPE)) {
      throw new AppError('forbidden_scope', 'This key operates the installation: only a key that does may end it.');
    }
    await tx.repository(ApiKey).update({ orgId: found.orgId, apiKeyId }, { revokedAt: tx.now });
    tx.audit({ action: 'api-key.revoke', subject: publicId('apiKey', apiKeyId), before: shapeOf(found) });
    return found;
  }
}

type CheckedKey = Pick<ApiKey, 'name' | 'scopes' | 'failOn' | 'expiresAt' | 'revokedAt'> & { quotas: QuotaOverrides };

/** One statement for key and quotas: every request waits for it. */
const KEY_AND_QUOTAS = `
  select k.name, k.scopes, k.fail_on as "failOn", k.expires_at as "expiresAt", k.revoked_at as "revokedAt", o.quotas
  from app.api_key k join app.organization o on o.org_id = k.org_id where k.org_id = $1 and k.api_key_id = $2`;

function shapeOf(key: ApiKey): ApiKeyShape {
  return {
    id: publicId('apiKey', key.apiKeyId),
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    fail_on: key.failOn,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
