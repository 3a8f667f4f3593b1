import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { InstallationKey, SecretBox } from '#platform';
import type { GitSource } from './git-source.entity.js';

const SECRET_BYTES = 32;

/** Whose secret it is. */
type Owner = Pick<GitSource, 'orgId' | 'sourceId'>;

/** Tokens and webhook secrets as they are kept: sealed, each for its own source (H5). */
@Injectable()
export class GitSecrets {
  private readonly box: SecretBox;

  constructor(installationKey: InstallationKey) {
    this.box = new SecretBox(installationKey.derive('git-secrets'));
  }

  /** @returns 256 random bits, as text */
  make(): string {
    return randomBytes(SECRET_BYTES).toString('base64url');
  }

  /** @returns what is kept of it */
  seal(owner: Owner, what: 'token' | 'webhook_secret', secret: string): Buffer {
    return this.box.seal(placeOf(owner, what), secret);
  }

  /** @throws SecretUnreadable where the installation's key is another than when it was saved */
  webhookSecretOf(source: Owner & Pick<GitSource, 'webhookSecret'>): string {
    return this.box.open(placeOf(source, 'webhook_secret'), source.webhookSecret);
  }

  /**
   * @returns undefined where there is none
   * @throws SecretUnreadable where the installation's key is another than when it was saved
   */
  tokenOf(source: GitSource): string | undefined {
    return source.token === null ? undefined : this.box.open(placeOf(source, 'token'), source.token);
  }
}

function placeOf({ orgId, sourceId }: Owner, what: string): string {
  return `${orgId}/${sourceId}/${what}`;
}
