import { VERSION, type Clock } from '#kernel';
import { reasonOf, UnreachableError } from '#platform';
import { checkApi } from './api.check.js';
import { checkClocks } from './clock.check.js';
import { checkConfiguration } from './configuration.check.js';
import { checkDisk } from './disk.check.js';
import { CHECKS, failed, skipped, type CheckName, type Finding, type Status } from './finding.js';
import { checkKeys } from './keys.check.js';
import { checkLogins } from './logins.check.js';
import { checkMigrations } from './migrations.check.js';
import { checkProtection } from './protection.check.js';
import { checkQueue } from './queue.check.js';
import { withoutSecrets } from './secrets.rules.js';
import { findSurroundings, type Environment, type Surroundings } from './surroundings.js';

/** What was found, in the order of the checks. */
export interface Report {
  /** Of this command. */
  version: string;
  /** `failed` where anything failed, else `warning` where anything needs looking after, else `ok`. */
  status: Exclude<Status, 'skipped'>;
  findings: ({ check: CheckName } & Finding)[];
}

export interface DoctorOptions {
  /** Usually `process.env`. */
  environment: Environment;
  /** Where the API is, where the environment doesn't say so. */
  url: string | undefined;
  /** For each check, milliseconds. */
  limitMs: number;
  /** This machine's. */
  clock: Clock;
}

const LOOKS: Record<CheckName, (surroundings: Surroundings) => Promise<Finding[]>> = {
  configuration: checkConfiguration,
  logins: checkLogins,
  'row-level security': checkProtection,
  migrations: checkMigrations,
  queue: checkQueue,
  clock: checkClocks,
  keys: checkKeys,
  disk: checkDisk,
  api: checkApi,
};

/** Connecting and asking share a check's time. */
const STEPS = 2;
/** A schema, table or function that is not there. */
const NOT_SET_UP = new Set(['3F000', '42P01', '42883']);
const NOT_PERMITTED = '42501';

/**
 * Looks at an installation, running or not, and changes nothing. What one check meets keeps no other from its end.
 * @param options what to look at, and for how long
 * @returns what was found; no secret is in it
 */
export async function examine(options: DoctorOptions): Promise<Report> {
  const { environment, url, clock, limitMs } = options;
  const surroundings = await findSurroundings({ environment, url, clock, stepMs: limitMs / STEPS });
  const found = await Promise.all(
    CHECKS.map(async (check) => {
      const findings = await carryOut(LOOKS[check], surroundings, limitMs);
      return findings.map((finding) => Object.assign({ check }, finding));
    }),
  );
  const findings = withoutSecrets(found.flat(), surroundings);
  const has = (status: Status): boolean => findings.some((finding) => finding.status === status);
  return { version: VERSION, status: has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok', findings };
}

async function carryOut(
  look: (surroundings: Surroundings) => Promise<Finding[]>,
  surroundings: Surroundings,
  limitMs: number,
): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<Finding[]>((resolve) => {
    const finding = failed('time', `no end within ${limitMs / 1_000} s`, 'See what it waits for, or raise --timeout.');
    timer = setTimeout(() => resolve([finding]), limitMs);
  });
  try {
    return await Promise.race([look(surroundings).catch((error: unknown) => [findingOf(error)]), ended]);
  } finally {
    clearTimeout(timer);
  }
}

function findingOf(error: unknown): Finding {
  if (error instanceof UnreachableError) return skipped('connection', `no way to ${error.message}: see logins`);
  const { code, driverError } = error as { code?: string; driverError?: { code?: string } };
  const sqlState = code ?? driverError?.code ?? '';
  if (NOT_SET_UP.has(sqlState)) return skipped('database', `${reasonOf(error)}: see migrations`);
  if (sqlState === NOT_PERMITTED)
    return failed('rights', reasonOf(error), 'Restart the API: it grants anew at each start. See row-level security.');
  return failed('look', `could not be done: ${reasonOf(error)}`, 'See what the server and its log say of it.');
}
