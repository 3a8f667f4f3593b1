import pg from 'pg';

/** Written once and never again: the application may add and read, nothing else (T3). */
const APPEND_ONLY = ['app.audit_log'];

/**
 * Says what the application's login may do; the same after every migration, whatever was there before (T3): no grant on
 * partitions, none on `directory`'s tables, no UPDATE or DELETE on history and audit log.
 * @param owner a connection as the owner
 * @param application name of the application's login
 */
export async function grantApplication(owner: pg.Client, application: string): Promise<void> {
  const role = pg.escapeIdentifier(application);
  await owner.query(`
    revoke all on all tables in schema app, hist, directory from ${role};
    revoke execute on all routines in schema app, hist, directory from public;
    grant usage on schema app, hist, directory to ${role};
    grant select, insert, update, delete on all tables in schema app to ${role};
    revoke update, delete on ${APPEND_ONLY.join(', ')} from ${role};
    grant execute on all functions in schema app, directory to ${role};
  `);
  const { rows } = await owner.query<{ name: string }>(
    `select format('hist.%I', relname) as name from pg_class where relnamespace = 'hist'::regnamespace and relkind = 'p'`,
  );
  for (const { name } of rows) await owner.query(`grant select, insert on ${name} to ${role}`);
}
