import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const credentialSchema = z.object({
  server: z.string(),
  cluster_id: z.string(),
  cluster_name: z.string(),
  credential: z.string(),
});
export type AgentIdentity = z.infer<typeof credentialSchema>;

const HMAC_KEY_BYTES = 32;

/** What an agent keeps between its starts: who it is, and a key that never leaves the cluster. */
export class StateFolder {
  /** @param folder absolute path; made where it is not there, readable by its owner alone */
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** @returns the identity of an earlier enrolment, undefined where there is none that can be read */
  identity(): AgentIdentity | undefined {
    const file = this.path('credential.json');
    if (!existsSync(file)) return undefined;
    try {
      return credentialSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      // A file that was cut short is as good as none: the agent enrols again.
      return undefined;
    }
  }

  /** Keeps an identity; a crash leaves the old file or the new one, never half of it. */
  keep(identity: AgentIdentity): void {
    const file = this.path('credential.json');
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
