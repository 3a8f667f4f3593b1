import { createHmac } from 'node:crypto';
import pg from 'pg';
import type { Config } from './config.js';

/** The three logins of one database (T3, T5): who owns, who serves, who wakes. */
export interface DatabaseLogins {
  ownerUrl: string;
  applicationUrl: string;
  queueUrl: string;
}

/** The database can't be used as it is; the message holds the SQL that makes it usable. */
export class DatabaseSetupError extends Error {}

/**
 * Makes the application's and the queue's logins where one URL was given, its login being the owner (T5).
 * Passwords are derived from the owner's, so that every replica with the same URL comes to the same ones.
 * @param url the owner's login; a superuser's makes `bylaw_owner` first, since a superuser is not held by row-level security
 * @throws DatabaseSetupError with the SQL to run, where the login may not create roles
 */
export async function prepareLogins(url: string): Promise<DatabaseLogins> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ login: string; superuser: boolean; createrole: boolean }>(
      'select rolname as login, rolsuper as superuser, rolcreaterole as createrole from pg_roles where rolname = current_user',
    );
    const me = rows[0];
    if (me === undefined) throw new DatabaseSetupError('The login of DATABASE_URL is not a role of its database.');
    const logins = loginsOf(url, me.superuser);
    const owner = loginOf(logins.ownerUrl);
    const wanted = [...(me.superuser ? [owner] : []), `${owner}_app`, `${owner}_queue`];
    await createMissing(
      client,
      me,
      wanted.map((role) => ({ role, password: derivedPassword(url, role) })),
    );
    if (me.superuser)
      await client.query(
        `grant create, connect on database ${await databaseName(client)} to ${pg.escapeIdentifier(owner)}`,
      );
    return logins;
  } finally {
    await client.end();
  }
}

/**
 * The logins that follow from one URL, whether they were made yet or not.
 * @param url what the environment gives
 * @param superuser whether its login is one: then the owner is `bylaw_owner`
 */
export function loginsOf(url: string, superuser: boolean): DatabaseLogins {
  const owner = superuser ? 'bylaw_owner' : loginOf(url);
  return {
    ownerUrl: superuser ? loginUrl(url, owner) : url,
    applicationUrl: loginUrl(url, `${owner}_app`),
    queueUrl: loginUrl(url, `${owner}_queue`),
  };
}

/** @returns the name of the login in a connection URL */
export function loginOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

async function createMissing(
  client: pg.Client,
  me: { login: string; superuser: boolean; createrole: boolean },
  roles: { role: string; password: string }[],
): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    roles.map(({ role }) => role),
  ]);
  const present = new Set(rows.map(({ rolname }) => rolname));
  const missing = roles.filter(({ role }) => !present.has(role));
  const statement = ({ role, password }: { role: string; password: string }): string =>
    `create role ${pg.escapeIdentifier(role)} login password ${pg.escapeLiteral(password)}`;
  if (missing.length > 0 && !me.superuser && !me.createrole) {
    throw new DatabaseSetupError(
      `The login "${me.login}" of DATABASE_URL may not create roles. Let an administrator run, once:\n\n` +
        missing.map((role) => `  ${statement(role)};`).join('\n') +
        '\n\nor give DATABASE_OWNER_URL (owner) and DATABASE_URL (application) apart.',
    );
  }
  for (const role of missing) {
    await client.query(statement(role)).catch((error: { code?: string }) => {
      // Two replicas at their first start make the same role: the later one finds it there.
      if (error.code !== '42710' && error.code !== '23505') throw error;
    });
  }
}

async function databaseName(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  return pg.escapeIdentifier(rows[0]?.name ?? '');
}

function derivedPassword(url: string, role: string): string {
  return createHmac('sha256', decodeURIComponent(new URL(url).password))
    .update(`bylaw login ${role}`)
    .digest('base64url');
}

function loginUrl(url: string, role: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(role);
  changed.password = encodeURIComponent(derivedPassword(url, role));
  return changed.toString();
}

/**
 * The logins of an external Postgres, as the environment gives them.
 * @param config `DATABASE_URL` alone is the owner's; with `DATABASE_OWNER_URL` beside it, it is the application's (T5)
 * @throws DatabaseSetupError where neither is given, or the server does not answer or does not let us in
 */
export async function resolveLogins(
  config: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl' | 'databaseDirectUrl'>,
): Promise<DatabaseLogins> {
  const { databaseUrl, databaseOwnerUrl, databaseDirectUrl } = config;
  if (databaseUrl === undefined) {
    throw new DatabaseSetupError('Set DATABASE_URL to a Postgres 15 or newer; `npm start` brings one of its own.');
  }
  if (databaseOwnerUrl === undefined) return prepareLogins(databaseUrl).catch(tellingWhy);
  return { ownerUrl: databaseOwnerUrl, applicationUrl: databaseUrl, queueUrl: databaseDirectUrl ?? databaseUrl };
}

function tellingWhy(error: unknown): never {
  const { code, message } = error as { code?: string; message: string };
  if (error instanceof DatabaseSetupError || code === undefined) throw error;
  throw new DatabaseSetupError(
    `DATABASE_URL can't be used: ${message || code}.\n` +
      'See that the server runs and that login, password and database are right; without DATABASE_URL, Bylaw brings a Postgres of its own.',
    { cause: error },
  );
}
