import type { Inspection } from './inspection.js';

/** How one table of the platform is protected. */
export interface TableFacts {
  /** `app.cluster`. */
  name: string;
  schema: string;
  partition: boolean;
  /** Row-level security is on. */
  enabled: boolean;
  /** For its owner too. */
  forced: boolean;
  /** Each as `command using check`. */
  policies: string[];
  /** What the login that looks may do with it. */
  rights: string[];
}

/** A function that runs with its owner's rights. */
export interface DefinerFacts {
  name: string;
  /** Anybody may call it. */
  public: boolean;
  /** It looks only into schemas that it names itself. */
  closed: boolean;
}

/** @returns the tables of `app`, `hist` and `directory`, as the application's login stands to them */
export async function readTables(application: Inspection): Promise<TableFacts[]> {
  return application.read<TableFacts>(
    `select n.nspname || '.' || c.relname as name, n.nspname as schema, c.relispartition as partition,
       c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
       array(select p.polcmd::text || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
         from pg_policy p where p.polrelid = c.oid order by p.polname) as policies,
       array(select r from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r
         where has_table_privilege(c.oid, r)) as rights
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('app', 'hist', 'directory') and c.relkind in ('r', 'p') order by 1`,
  );
}

/** @returns the functions of these schemas that run with their owner's rights */
export async function readDefiners(inspection: Inspection): Promise<DefinerFacts[]> {
  return inspection.read<DefinerFacts>(
    `select n.nspname || '.' || p.proname as name,
       exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0) as public,
       coalesce('search_path=""' = any(p.proconfig), false) as closed
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prosecdef and n.nspname in ('app', 'hist', 'directory') order by 1`,
  );
}

/**
 * Looks into each table without saying for which organization (T4).
 * @param application a connection as the application's login
 * @param names as `readTables` gives them
 * @returns those that show a row all the same
 */
export async function readShownToNobody(application: Inspection, names: readonly string[]): Promise<string[]> {
  const shown: string[] = [];
  for (const name of names) {
    const quoted = name
      .split('.')
      .map((part) => `"${part.replaceAll('"', '""')}"`)
      .join('.');
    const rows = await application.readByIndex(`select 1 from ${quoted} limit 1`).catch((error: { code?: string }) => {
      // What it may not read at all shows nothing; that it may not is another finding.
      if (error.code === '42501') return [];
      throw error;
    });
    if (rows.length > 0) shown.push(name);
  }
  return shown;
}
