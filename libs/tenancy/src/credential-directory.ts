import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError, credentialHmac, type CredentialKind, readCredential } from '#kernel';
import { Database, InstallationKey, type Tx } from '#platform';

/** A large fleet's agents, and as many keys. */
const KNOWN_MAX = 50_000;

/** Whose a credential is: all that is known before the tenant is (T1). */
export interface KnownCredential {
  orgId: string;
  credentialId: string;
  hmac: Buffer;
}

/** Finds the organization of a credential, by its HMAC alone: the credential itself is stored nowhere (H5). */
@Injectable()
export class CredentialDirectory {
  private readonly key: Uint8Array;
  /** Whose a credential is never changes; whether it still counts is asked each time, of the organization itself. */
  private readonly found = new LRUCache<string, { kind: CredentialKind; orgId: string; credentialId: string }>({
    max: KNOWN_MAX,
  });

  constructor(
    private readonly database: Database,
    installationKey: InstallationKey,
  ) {
    this.key = installationKey.derive('credential-hmac');
  }

  /** @returns the 32 bytes stored in place of a credential */
  hmacOf(credential: string): Buffer {
    return credentialHmac(this.key, credential);
  }

  /**
   * @param kind what the caller takes
   * @param credential as a client sent it
   * @throws AppError `unauthenticated` where it is malformed, of another kind, or nobody's
   */
  async find(kind: CredentialKind, credential: string): Promise<KnownCredential> {
    const read = readCredential(credential);
    if (read?.kind !== kind) throw refusal(kind);
    const hmac = this.hmacOf(credential);
    const known = this.found.get(hmac.toString('hex'));
    if (known?.kind === kind) return { ...known, hmac };
    const rows = await this.database.dangerouslyAskDirectory<{ org_id: string; kind: string; credential_id: string }>(
      'select org_id, kind, credential_id from directory.credential_by_hmac($1)',
      [hmac],
    );
    const row = rows[0];
    if (row === undefined || row.kind !== kind) throw refusal(kind);
    const { org_id: orgId, credential_id: credentialId } = row;
    if (kind !== 'enrollment') this.found.set(hmac.toString('hex'), { kind, orgId, credentialId });
    return { orgId, credentialId, hmac };
  }

  /** Enters a new credential of the transaction's organization. */
  async add(tx: Tx, kind: CredentialKind, credentialId: string, hmac: Buffer): Promise<void> {
    await tx.query('select directory.add_credential($1, $2, $3)', [hmac, kind, credentialId]);
  }
}

function refusal(kind: CredentialKind): AppError {
  const what = {
    api_key: 'Send a valid API key as `Authorization: Bearer bylaw_key_…`.',
    agent: 'Send the credential that the agent was given when it enrolled, as `Authorization: Bearer bylaw_agent_…`.',
    enrollment: 'Send the token of `POST /api/v1/clusters` or of `POST /api/v1/clusters/{id}/enrollment`, whole.',
  }[kind];
  return new AppError('unauthenticated', what);
}
