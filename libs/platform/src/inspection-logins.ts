import type { Inspection } from './inspection.js';

/** The server, as any login sees it. */
export interface ServerFacts {
  /** As it calls itself, `15.8 (Debian …)`. */
  version: string;
  /** `150008` is 15.8. */
  versionNumber: number;
  /** A standby: it takes no writes. */
  inRecovery: boolean;
  maxConnections: number;
  /** Of these, kept for superusers and others. */
  reservedConnections: number;
  usedConnections: number;
}

/** What one login is and may do. */
export interface LoginFacts {
  login: string;
  superuser: boolean;
  bypassesRls: boolean;
  createsRoles: boolean;
  createsSchemas: boolean;
  /** Tables of the platform that are its own. */
  owns: number;
  ownedByOthers: number;
  /** Roles that it may act as and that row-level security or ownership doesn't hold. */
  memberOf: string[];
}

/** @returns what the server says of itself */
export async function readServer(inspection: Inspection): Promise<ServerFacts> {
  const [server] = await inspection.read<ServerFacts>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
       pg_is_in_recovery() as "inRecovery", current_setting('max_connections')::int as "maxConnections",
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true), '0')::int as "reservedConnections",
       -- What kind they are is shown of one's own alone.
       (select count(*)::int from pg_stat_activity where datid is not null and usesysid is not null) as "usedConnections"`,
  );
  if (server === undefined) throw new Error('the server says nothing of itself');
  return server;
}

/** @returns what the connection's own login is and may do */
export async function readLogin(inspection: Inspection): Promise<LoginFacts> {
  const [login] = await inspection.read<LoginFacts>(
    `with owned as (
       select relowner as owner, count(*)::int as n from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('app', 'hist', 'directory') and c.relkind in ('r', 'p') group by 1)
     select me.rolname as login, me.rolsuper as superuser, me.rolbypassrls as "bypassesRls",
       me.rolcreaterole as "createsRoles", has_database_privilege(current_database(), 'create') as "createsSchemas",
       coalesce((select n from owned where owner = me.oid), 0) as owns,
       coalesce((select sum(n) from owned where owner <> me.oid), 0)::int as "ownedByOthers",
       array(select r.rolname::text from pg_roles r where r.oid <> me.oid and not me.rolsuper and pg_has_role(me.oid, r.oid, 'member')
         and (r.rolsuper or r.rolbypassrls or r.oid in (select owner from owned)
           or r.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program',
             'pg_read_server_files', 'pg_write_server_files')) order by 1) as "memberOf"
     from pg_roles me where me.rolname = current_user`,
  );
  if (login === undefined) throw new Error('the login is not a role of its database');
  return login;
}

/** @returns which of these logins the server knows */
export async function readPresentLogins(inspection: Inspection, names: readonly string[]): Promise<string[]> {
  const rows = await inspection.read<{ name: string }>('select rolname as name from pg_roles where rolname = any($1)', [
    names,
  ]);
  return rows.map(({ name }) => name);
}
