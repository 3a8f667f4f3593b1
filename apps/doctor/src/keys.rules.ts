import { basename } from 'node:path';
import { readCredential } from '#kernel';
import type { KnownCredentialFacts } from '#platform';
import { failed, ok, skipped, warning, type Finding } from './finding.js';

/** Somebody else's rights on a file, as `stat` has them. */
const OTHERS = 0o007;
const GROUP = 0o070;

/**
 * @param file its path
 * @param mode as `stat` has it
 */
export function judgeFileMode(file: string, mode: number): Finding {
  const subject = basename(file);
  const rights = (mode & 0o777).toString(8).padStart(4, '0');
  const advice = `chmod 600 ${file}`;
  if ((mode & OTHERS) !== 0)
    return failed(subject, `everybody on this machine may read or change it (${rights})`, advice);
  if ((mode & GROUP) !== 0) return warning(subject, `its group may read or change it (${rights})`, advice);
  return ok(subject, `read by its owner alone (${rights})`);
}

/**
 * @param subject variable or file that holds it
 * @param key the owner's key as it stands there
 */
export function judgeOwnerKey(subject: string, key: string): Finding {
  const read = readCredential(key);
  if (read?.kind === 'api_key') return ok(subject, 'a well-formed API key');
  const what =
    read === null ? 'not a whole API key: a letter is missing or another one' : `a key of another kind (${read.kind})`;
  return failed(
    subject,
    `holds ${what}`,
    'Make one by `npx bylaw keygen`; where the platform ran already, give back the one from then.',
  );
}

/**
 * Whether the secret is the one that the database's credentials were hashed with. That alone tells: it keeps nothing else
 * of it.
 * @param source where the secret comes from; undefined where there is none
 * @param known what the directory knows of the owner's key; undefined where there is no directory
 * @param hasOwnerKey whether the owner's key is at hand
 */
export function judgeSecret(
  source: string | undefined,
  known: KnownCredentialFacts | undefined,
  hasOwnerKey: boolean,
): Finding {
  const subject = 'secret key';
  if (source === undefined) {
    if (known?.any !== true) return warning(subject, 'there is none yet', 'The platform makes it at its first start.');
    return failed(
      subject,
      'is gone, and the database holds credentials that were hashed with it',
      'Give it back, from BYLAW_SECRET_KEY or secret.key of another replica or of a backup, before the platform makes a new one.',
    );
  }
  if (known === undefined || !known.any)
    return ok(subject, `${source}: well-formed; the database holds nothing made with it yet`);
  if (known.byHmac) return ok(subject, `${source}: the one that the database was set up with`);
  if (known.byId)
    return failed(
      subject,
      `${source}: not the one that the database was set up with: the owner’s key is known there under another hash`,
      'Give back the one from then: with this one no API key and no agent is let in.',
    );
  const why = hasOwnerKey ? 'the owner’s key is not known to the database' : 'the owner’s key is not at hand';
  return skipped(
    subject,
    `${source}: well-formed; whether the database was set up with it can’t be told, since ${why}`,
  );
}
