import pg from 'pg';
import type { InstallationKey } from './installation-key.js';

const OWNER = 'bylaw_owner';
/** Name of the database in an embedded server. */
export const EMBEDDED_DATABASE = 'bylaw';

/**
 * Makes, in a fresh embedded cluster, the owner and a database of his: from there on it is a Postgres like any other.
 * @param superuserUrl of the embedded server
 * @param key the owner's password is derived from it
 * @param database its name; found again at later starts
 * @returns the owner's connection URL
 */
export async function ensureEmbeddedDatabase(
  superuserUrl: string,
  key: InstallationKey,
  database: string,
): Promise<string> {
  const ownerUrl = embeddedOwnerUrl(superuserUrl, key, database);
  const password = new URL(ownerUrl).password;
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ roles: number; databases: number }>(
      `select (select count(*) from pg_roles where rolname = $1)::int as roles, (select count(*) from pg_database where datname = $2)::int as databases`,
      [OWNER, database],
    );
    const present = rows[0] ?? { roles: 0, databases: 0 };
    const verb = present.roles === 0 ? 'create' : 'alter';
    await client.query(`${verb} role ${OWNER} login createrole password ${pg.escapeLiteral(password)}`);
    if (present.databases === 0) await client.query(`create database ${pg.escapeIdentifier(database)} owner ${OWNER}`);
  } finally {
    await client.end();
  }
  return ownerUrl;
}

/**
 * @param superuserUrl of the embedded server
 * @param key the owner's password is derived from it
 * @param database its name
 * @returns the owner's connection URL
 */
export function embeddedOwnerUrl(superuserUrl: string, key: InstallationKey, database: string): string {
  const url = new URL(superuserUrl);
  url.username = OWNER;
  // Its letters mean themselves in a URL.
  url.password = Buffer.from(key.derive('embedded postgres owner')).toString('base64url');
  url.pathname = `/${database}`;
  return url.toString();
}
