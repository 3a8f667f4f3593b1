import { canonicalJson, sha256, type Actor } from '#kernel';

/** One line of the log, as it is hashed. */
export interface AuditLine {
  org_id: string;
  seq: number;
  at: Date;
  actor: Actor;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
  request_id: string | null;
}

/** What stands before the first line. */
export const GENESIS = Buffer.alloc(32);

/**
 * Chains a line to the one before: whoever changes, drops or reorders one changes every hash after it.
 * @param previous hash of the line before, 32 bytes; `GENESIS` for the first
 * @param line what happened
 * @returns SHA-256 of (previous ‖ canonical JSON of the line)
 */
export function chainHash(previous: Uint8Array, line: AuditLine): Buffer {
  return sha256(Buffer.concat([previous, Buffer.from(canonicalJson(line), 'utf8')]));
}
