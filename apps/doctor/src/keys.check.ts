import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { credentialHmac, readCredential } from '#kernel';
import { Inspection, readCredential as findCredential, SECRET_KEY_FILE, type KnownCredentialFacts } from '#platform';
import { failed, skipped, type Finding } from './finding.js';
import { judgeFileMode, judgeOwnerKey, judgeSecret } from './keys.rules.js';
import { whereReachable, type Surroundings } from './surroundings.js';

const OWNER_KEY_FILE = 'owner.key';

/** The installation's secret and the owner's key: there, of the right form, out of others' reach, and the right ones. */
export async function checkKeys(surroundings: Surroundings): Promise<Finding[]> {
  const { config, key } = surroundings;
  const ownerKey = readOwnerKey(surroundings);
  const files = [
    ...(config.secretKey === undefined ? [SECRET_KEY_FILE] : []),
    ...(config.initApiKey === undefined ? [OWNER_KEY_FILE] : []),
  ].map((name) => join(config.dataDir, name));
  const findings = files.flatMap((file) => lookAtFile(file));
  if ('finding' in ownerKey) findings.push(ownerKey.finding);
  if (key !== undefined && 'missing' in key) return [key.missing, ...findings];
  const source = key === undefined ? undefined : sourceOf(surroundings);
  const known = await lookUp(surroundings, ownerKey.key);
  if (known === 'unreachable') {
    const what = source === undefined ? 'there is none' : `${source}: well-formed`;
    return [skipped('secret key', `${what}; what the database was set up with can’t be told: see logins`), ...findings];
  }
  return [judgeSecret(source, known, ownerKey.key !== undefined), ...findings];
}

function sourceOf({ config }: Surroundings): string {
  return config.secretKey === undefined ? join(config.dataDir, SECRET_KEY_FILE) : 'BYLAW_SECRET_KEY';
}

/** @returns the owner's key where it is at hand and whole, and what is to be said of it */
function readOwnerKey({ config }: Surroundings): { key?: string; finding: Finding } | { key?: undefined } {
  const file = join(config.dataDir, OWNER_KEY_FILE);
  const subject = config.initApiKey === undefined ? 'owner key' : 'BYLAW_INIT_API_KEY';
  try {
    const key = config.initApiKey ?? readFileSync(file, 'utf8').trim();
    const finding = judgeOwnerKey(subject, key);
    return finding.status === 'ok' ? { key, finding } : { finding };
  } catch (error) {
    // That it is not there is no fault: once it has been replaced, nothing needs it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    return {
      finding: failed(subject, (error as Error).message, 'Run it as the user that runs the platform.'),
    };
  }
}

function lookAtFile(file: string): Finding[] {
  try {
    return [judgeFileMode(file, statSync(file).mode)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return [failed(basename(file), (error as Error).message, 'Run it as the user that runs the platform.')];
  }
}

async function lookUp(
  { database, key, stepMs }: Surroundings,
  ownerKey: string | undefined,
): Promise<KnownCredentialFacts | undefined | 'unreachable'> {
  if ('missing' in database) return 'unreachable';
  const hmac =
    ownerKey === undefined || key === undefined || 'missing' in key
      ? null
      : credentialHmac(key.derive('credential-hmac'), ownerKey);
  const id = ownerKey === undefined ? null : (readCredential(ownerKey)?.id ?? null);
  return whereReachable<KnownCredentialFacts | undefined | 'unreachable'>(
    () => Inspection.of(database.logins.ownerUrl, stepMs, (owner) => findCredential(owner, hmac, id)),
    'unreachable',
  );
}
