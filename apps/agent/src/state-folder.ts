import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const credentialSchema = z.object({
  server: z.string(),
  cluster_id: z.string(),
  cluster_name: z.string(),
  credential: z.string(),
  /** SHA-256 of the token that was turned into this, in hexadecimal: the same token again is no wish to enrol anew. */
  token_hash: z.string().optional(),
});
export type AgentIdentity = z.infer<typeof credentialSchema>;

const HMAC_KEY_BYTES = 32;

/** What an agent keeps between its starts: who it is, and a key that never leaves the cluster. */
export class StateFolder {
  /** @param folder absolute path; made where it is not there, readable by its owner alone */
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  get credentialFile(): string {
    return this.path('credential.json');
  }

  /** Whether there is a credential that can't be read. */
  get isDamaged(): boolean {
    return existsSync(this.credentialFile) && this.identity() === undefined;
  }

  /** @returns the identity of an earlier enrolment, undefined where there is none that can be read */
  identity(): AgentIdentity | undefined {
    if (!existsSync(this.credentialFile)) return undefined;
    try {
      return credentialSchema.parse(JSON.parse(readFileSync(this.credentialFile, 'utf8')));
    } catch {
      // A file that was cut short is as good as none: the agent enrols again.
      return undefined;
    }
  }

  /** Keeps an identity; a crash leaves the old file or the new one, never half of it. */
  keep(identity: AgentIdentity): void {
    const file = this.credentialFile;
    writeFileSync(`${file}.new`, JSON.stringify(identity), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** @returns the key for HMACs of secret values (V3), made at the first call */
  hmacKey(): Uint8Array {
    const file = this.path('hmac.key');
    if (!existsSync(file)) writeFileSync(file, randomBytes(HMAC_KEY_BYTES).toString('base64url'), { mode: 0o600 });
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}
