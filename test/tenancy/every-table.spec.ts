import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

interface TableRow {
  name: string;
  schema: string;
  partition: boolean;
  enabled: boolean;
  forced: boolean;
}

const TENANT_TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, n.nspname as schema, c.relispartition as partition,
    c.relrowsecurity as enabled, c.relforcerowsecurity as forced
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('app', 'hist') and c.relkind in ('r', 'p') order by 1`;

/** Everything that may look beyond one organization, or before one is known; anything else here is a leak. */
const DEFINERS = [
  'app.dangerously_find_work',
  'app.dangerously_organizations',
  'directory.add_credential',
  'directory.add_organization',
  'directory.credential_by_hmac',
  'directory.org_by_slug',
  'directory.remove_credential',
];

describe('every table of every schema', () => {
  let platform: TestPlatform;
  let owner: pg.Client;
  let application: pg.Client;
  let tables: TableRow[];
  let role: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await agent.list([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    ]);
    await platform.settle();
    await agent.list([]);
    await platform.settle();
    await platform.owner.post('/api/v1/validate', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    await platform.stranger();
    const { ownerUrl, applicationUrl } = platform.database.logins;
    owner = new pg.Client({ connectionString: ownerUrl });
    application = new pg.Client({ connectionString: applicationUrl });
    await Promise.all([owner.connect(), application.connect()]);
    tables = (await owner.query<TableRow>(TENANT_TABLES)).rows;
    role = new URL(applicationUrl).username;
  });
  afterAll(async () => {
    await Promise.all([owner.end(), application.end()]);
    await platform.stop();
  });

  it('is under forced row-level security, partitions too (T2)', () => {
    expect(tables.length).toBeGreaterThan(30);
    expect(tables.filter(({ enabled, forced }) => !enabled || !forced)).toEqual([]);
  });

  it('has one policy: the row’s organization is the transaction’s (T2)', async () => {
    const { rows } = await owner.query<{ name: string; using: string; check: string; command: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name, pg_get_expr(p.polqual, p.polrelid) as using,
         pg_get_expr(p.polwithcheck, p.polrelid) as check, p.polcmd as command
       from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('app', 'hist')`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(tables.map(({ name }) => name));
    const same = (expression: string): boolean => /^\(org_id = \( SELECT app\.org\(\) AS org\)\)$/.test(expression);
    expect(rows.filter((row) => row.command !== '*' || !same(row.using) || !same(row.check))).toEqual([]);
  });

  it('leads every primary, unique and foreign key with the organization (T2)', async () => {
    const { rows } = await owner.query<{ name: string; constraint: string; first: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name, x.relname as constraint, a.attname as first
       from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
         join pg_class x on x.oid = i.indexrelid join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
       where n.nspname in ('app', 'hist') and i.indisunique
       union all
       select format('%I.%I', n.nspname, c.relname), k.conname, a.attname
       from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
       where n.nspname in ('app', 'hist') and k.contype = 'f'`,
    );
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter(({ first }) => first !== 'org_id')).toEqual([]);
  });

  it('is not owned by the application, which may not touch partitions, nor change history and audit log (T3)', async () => {
    const { rows } = await owner.query<{ name: string; partition: boolean; owned: boolean; rights: string[] }>(
      `select format('%I.%I', n.nspname, c.relname) as name, c.relispartition as partition,
         pg_get_userbyid(c.relowner) = $1 as owned,
         array(select r from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r
           where has_table_privilege($1, c.oid, r)) as rights
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('app', 'hist', 'directory') and c.relkind in ('r', 'p')`,
      [role],
    );
    const allowed = ({ name, partition }: { name: string; partition: boolean }): string[] => {
      if (partition || name.startsWith('directory.')) return [];
      if (name.startsWith('hist.') || name === 'app.audit_log') return ['SELECT', 'INSERT'];
      return ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
    };
    expect(rows.filter(({ owned }) => owned)).toEqual([]);
    expect(rows.map(({ name, rights }) => ({ name, rights }))).toEqual(
      rows.map((row) => ({ name: row.name, rights: allowed(row) })),
    );
  });

  it('shows nothing where no organization is set, and nothing of another (T4)', async () => {
    const readable = tables.filter(({ partition }) => !partition);
    const count = async (name: string): Promise<number> =>
      Number((await application.query<{ n: string }>(`select count(*) as n from ${name}`)).rows[0]?.n);
    for (const { name } of readable) expect([name, await count(name)]).toEqual([name, 0]);
    await application.query(`select set_config('bylaw.org_id', '00000000-0000-7000-8000-000000000000', false)`);
    for (const { name } of readable) expect([name, await count(name)]).toEqual([name, 0]);
    await application.query(`select set_config('bylaw.org_id', (select directory.org_by_slug('acme'))::text, false)`);
    const filled = [];
    for (const { name } of readable) if ((await count(name)) > 0) filled.push(name);
    // Not vacuous: the first organization has rows in most of them.
    expect(filled.length).toBeGreaterThan(20);
    await application.query(`select set_config('bylaw.org_id', '', false)`);
  });

  it('takes no row for another organization (T2)', async () => {
    await application.query(`select set_config('bylaw.org_id', (select directory.org_by_slug('acme'))::text, false)`);
    const stolen = application.query(
      `insert into app.target (org_id, target_id, name, condition) select directory.org_by_slug('globex'), gen_random_uuid(), 'x', '{}'`,
    );
    await expect(stolen).rejects.toThrow(/row-level security/);
    await application.query(`select set_config('bylaw.org_id', '', false)`);
  });

  it('is reached past its organization by named functions alone (T4)', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select format('%I.%I', n.nspname, p.proname) as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where p.prosecdef and n.nspname in ('app', 'hist', 'directory') order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(DEFINERS);
  });

  it('leaves only what must be known before the tenant is to the directory (T1)', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'directory'::regnamespace and relkind = 'r' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['credential', 'organization']);
  });

  it('has migrated as an owner who is no superuser (T5)', async () => {
    const { rows } = await owner.query<{ superuser: boolean; bypass: boolean }>(
      'select rolsuper as superuser, rolbypassrls as bypass from pg_roles where rolname in (current_user, $1)',
      [role],
    );
    expect(rows).toEqual([
      { superuser: false, bypass: false },
      { superuser: false, bypass: false },
    ]);
  });
});
