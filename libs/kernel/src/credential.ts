import { crc32 } from 'node:zlib';
import { createHmac, randomBytes } from 'node:crypto';
import { base32Id, parseBase32Id } from './ids.js';

/** What a credential is for, told by its prefix, so that secret scanners and people know one when they see it. */
export const CREDENTIAL_PREFIXES = { api_key: 'bylaw_key', agent: 'bylaw_agent', enrollment: 'bylaw_enroll' } as const;
export type CredentialKind = keyof typeof CREDENTIAL_PREFIXES;

const SECRET_BYTES = 32;
const SHAPE = /^(bylaw_key|bylaw_agent|bylaw_enroll)_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;

/**
 * Makes a credential: prefix, id, 256 random bits, checksum of all three.
 * @param kind what it is for
 * @param id its id, a UUID: tells whose a leaked one is without its secret
 */
export function generateCredential(kind: CredentialKind, id: string): string {
  const body = `${CREDENTIAL_PREFIXES[kind]}_${base32Id(id)}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return `${body}_${checksum(body)}`;
}

/**
 * Tells a credential from a typing error, without asking anybody.
 * @param text as a client sent it
 * @returns its kind and id (a UUID), or null where the shape or the checksum is wrong
 */
export function readCredential(text: string): { kind: CredentialKind; id: string } | null {
  const [, prefix, encodedId = '', secret, sum] = SHAPE.exec(text) ?? [];
  if (sum === undefined || checksum(`${prefix}_${encodedId}_${secret}`) !== sum) return null;
  const kinds = Object.keys(CREDENTIAL_PREFIXES) as CredentialKind[];
  const kind = kinds.find((candidate) => CREDENTIAL_PREFIXES[candidate] === prefix);
  const id = parseBase32Id(encodedId);
  return kind === undefined || id === null ? null : { kind, id };
}

/**
 * What is stored in place of a credential (H5).
 * @param key the installation's key, which never leaves it
 * @param credential the whole text
 * @returns 32 bytes of HMAC-SHA-256
 */
export function credentialHmac(key: Uint8Array, credential: string): Buffer {
  return createHmac('sha256', key).update(credential).digest();
}

function checksum(text: string): string {
  return (crc32(text) >>> 0).toString(16).padStart(8, '0');
}
