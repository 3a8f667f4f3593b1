import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config.js';

const KEY_BYTES = 32;
/** Name of the secret's file in the data folder. */
export const SECRET_KEY_FILE = 'secret.key';

/** The installation's secret, from which every purpose has a key of its own (H5). */
export class InstallationKey {
  constructor(private readonly secret: Uint8Array) {}

  /**
   * @param purpose a fixed name, for example `credential-hmac`
   * @returns 32 bytes (HKDF-SHA-256)
   */
  derive(purpose: string): Uint8Array {
    return new Uint8Array(
      hkdfSync('sha256', createSecretKey(this.secret), Buffer.alloc(0), `bylaw ${purpose}`, KEY_BYTES),
    );
  }
}

/**
 * Takes the secret from `BYLAW_SECRET_KEY` (replicas on several machines share it so), else from a file of mode 0600 in
 * the data folder, made at the first start.
 * @param dataDir absolute path
 * @param given the environment's value: 32 bytes as base64 or base64url
 * @throws ConfigError where the given value is not 32 bytes
 */
export function loadInstallationKey(dataDir: string, given: string | undefined): InstallationKey {
  const present = findInstallationKey(dataDir, given);
  if (present !== undefined) return present;
  const file = join(dataDir, SECRET_KEY_FILE);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // `wx`: of two processes at their first start one writes, and both read what it wrote.
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return new InstallationKey(decode(readFileSync(file, 'utf8').trim(), file));
}

/**
 * The secret as it is, without making one.
 * @param dataDir absolute path
 * @param given the environment's value: 32 bytes as base64 or base64url
 * @returns undefined where none is given and none was made yet
 * @throws ConfigError where it is not 32 bytes, and what the file system throws where its file can't be read
 */
export function findInstallationKey(dataDir: string, given: string | undefined): InstallationKey | undefined {
  if (given !== undefined) return new InstallationKey(decode(given, 'BYLAW_SECRET_KEY'));
  const file = join(dataDir, SECRET_KEY_FILE);
  return existsSync(file) ? new InstallationKey(decode(readFileSync(file, 'utf8').trim(), file)) : undefined;
}

function decode(text: string, source: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== KEY_BYTES)
    throw new ConfigError(`${source}: 32 bytes as base64 are needed; make them with \`openssl rand -base64 32\``);
  return bytes;
}
