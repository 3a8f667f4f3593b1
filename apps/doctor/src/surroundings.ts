import type { Clock } from '#kernel';
import {
  ConfigError,
  EMBEDDED_DATABASE,
  embeddedOwnerUrl,
  findEmbeddedServer,
  findInstallationKey,
  Inspection,
  loginsOf,
  placeOf,
  readConfig,
  readLogin,
  reasonOf,
  UnreachableError,
  type Config,
  type DatabaseLogins,
  type InstallationKey,
} from '#platform';
import { failed, skipped, type Finding } from './finding.js';

export type Environment = Record<string, string | undefined>;

const DATABASE_URLS = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_DIRECT_URL'];
/** Variables that hold a login. */
const URLS = [...DATABASE_URLS, 'REDIS_URL'];

/** How the platform comes to its database. */
export interface DatabaseAccess {
  logins: DatabaseLogins;
  /** `embedded`: one of its own; `one`: DATABASE_URL is the owner's or an administrator's; `two`: both are given. */
  setUp: 'embedded' | 'one' | 'two';
  /** The login that makes the others where they are missing; none where all are given. */
  makerUrl: string | undefined;
}

/** What the checks look at. */
export interface Surroundings {
  environment: Environment;
  /** As the platform would read it, without what it can't read. */
  config: Config;
  /** Variables that can't be read. */
  wrong: ConfigError['wrong'];
  /** The way to the database, or why there is none. */
  database: DatabaseAccess | { missing: Finding };
  /** The installation's secret, or why there is none. */
  key: InstallationKey | { missing: Finding } | undefined;
  /** Where the API should answer; undefined where nothing says so. */
  apiUrl: string | undefined;
  /** Whether somebody named it, so that it has to answer. */
  apiUrlGiven: boolean;
  /** For connecting and for each question, milliseconds. */
  stepMs: number;
  /** This machine's. */
  clock: Clock;
}

export interface SurroundingsOptions {
  environment: Environment;
  /** Where the API is, where the environment doesn't say so. */
  url: string | undefined;
  stepMs: number;
  clock: Clock;
}

/** Finds out what there is to look at, and changes nothing. */
export async function findSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { environment, url, stepMs, clock } = options;
  const { config, wrong } = readWhatCanBeRead(environment);
  const key = findKey(config, wrong);
  const database = await findDatabase(config, wrong, key, stepMs);
  const apiUrl = url ?? config.publicUrl ?? (config.port === 0 ? undefined : `http://localhost:${config.port}`);
  return {
    environment,
    config,
    wrong,
    database,
    key,
    apiUrl: apiUrl?.replace(/\/+$/, ''),
    apiUrlGiven: url !== undefined,
    stepMs,
    clock,
  };
}

/** What can't be read is left out: the rest is looked at all the same. */
function readWhatCanBeRead(environment: Environment): Pick<Surroundings, 'config' | 'wrong'> {
  const malformed = URLS.filter((variable) => !canBeDecoded(environment[variable] ?? ''));
  const wrong: { variable: string; takes: string }[] = malformed.map((variable) => ({
    variable,
    takes: 'a % that stands for itself, in a password above all, is written %25',
  }));
  try {
    return { config: readConfig(without(environment, malformed), false), wrong };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    wrong.push(...error.wrong);
    const variables = wrong.map(({ variable }) => variable);
    return { config: readConfig(without(environment, variables), false), wrong };
  }
}

function without(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}

function canBeDecoded(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password, pathname } = new URL(text);
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function findKey(config: Config, wrong: Surroundings['wrong']): Surroundings['key'] {
  if (isWrong(wrong, 'BYLAW_DATA_DIR')) return { missing: skipped('secret key', 'BYLAW_DATA_DIR can’t be read') };
  try {
    return findInstallationKey(config.dataDir, config.secretKey);
  } catch (error) {
    const advice =
      'Give back the value that the database was set up with: with another one no API key and no agent is let in.';
    return { missing: failed('secret key', (error as Error).message, advice) };
  }
}

async function findDatabase(
  config: Config,
  wrong: Surroundings['wrong'],
  key: Surroundings['key'],
  stepMs: number,
): Promise<Surroundings['database']> {
  const unreadable = DATABASE_URLS.filter((name) => isWrong(wrong, name));
  if (unreadable.length > 0) return { missing: skipped('database', `${unreadable.join(', ')} can’t be read`) };
  const { databaseUrl, databaseOwnerUrl, databaseDirectUrl } = config;
  if (databaseUrl === undefined) return findEmbedded(config, key);
  if (databaseOwnerUrl !== undefined) {
    const queueUrl = databaseDirectUrl ?? databaseUrl;
    return {
      logins: { ownerUrl: databaseOwnerUrl, applicationUrl: databaseUrl, queueUrl },
      setUp: 'two',
      makerUrl: undefined,
    };
  }
  try {
    const { superuser } = await Inspection.of(databaseUrl, stepMs, readLogin);
    return { logins: loginsOf(databaseUrl, superuser), setUp: 'one', makerUrl: databaseUrl };
  } catch (error) {
    const found = error instanceof UnreachableError ? error.message : `${placeOf(databaseUrl)}: ${reasonOf(error)}`;
    return { missing: failed('DATABASE_URL', found, UNREACHABLE_ADVICE) };
  }
}

/** Said wherever a login doesn't get in. */
export const UNREACHABLE_ADVICE =
  'See that the server runs and can be reached from here, and that login, password and database are right.';

/**
 * Looks where it can be looked.
 * @param look what to look at
 * @param otherwise where somebody can't be reached, which another check tells of
 */
export async function whereReachable<Result>(look: () => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UnreachableError) return otherwise;
    throw error;
  }
}

function findEmbedded(config: Config, key: Surroundings['key']): Surroundings['database'] {
  const subject = 'database';
  try {
    const server = findEmbeddedServer(config.dataDir);
    if (server === undefined) {
      const found = `DATABASE_URL is not set, and ${config.dataDir} holds no database`;
      const advice =
        '`npm start` makes one there; or set DATABASE_URL, or BYLAW_DATA_DIR to the folder of the one that there is.';
      return { missing: failed(subject, found, advice) };
    }
    if (server.superuserUrl === undefined) {
      const found = `the embedded Postgres in ${server.clusterDir} does not run`;
      return { missing: failed(subject, found, 'It runs while `npm start` does: start the platform and look again.') };
    }
    if (key === undefined || 'missing' in key) {
      return { missing: skipped(subject, 'the embedded Postgres can’t be reached without the secret key') };
    }
    const ownerUrl = embeddedOwnerUrl(server.superuserUrl, key, EMBEDDED_DATABASE);
    return { logins: loginsOf(ownerUrl, false), setUp: 'embedded', makerUrl: ownerUrl };
  } catch (error) {
    const advice = 'Run it as the user that runs the platform.';
    return { missing: failed(subject, `the embedded Postgres can’t be looked at: ${reasonOf(error)}`, advice) };
  }
}

function isWrong(wrong: Surroundings['wrong'], name: string): boolean {
  return wrong.some(({ variable }) => variable === name);
}
