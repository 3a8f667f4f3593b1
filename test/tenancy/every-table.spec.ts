import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '#testing';
import { TestAgent } from '../support/test-agent.js';
import { bindOwn } from '../support/bindings.js';
import { signed, SECRET } from '../support/git-world.js';
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
  'app.dangerously_find_mail',
  'app.dangerously_find_work',
  'app.dangerously_measure_tables',
  'app.dangerously_measure_work',
  'app.dangerously_organizations',
  'directory.add_credential',
  'directory.add_git_source',
  'directory.add_organization',
  'directory.credential_by_hmac',
  'directory.git_source',
  'directory.org_by_slug',
  'directory.remove_credential',
  'directory.remove_git_source',
];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const aPod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'a', image: 'a' }] },
});

describe('every table of every schema', () => {
  let platform: TestPlatform;
  let owner: pg.Client;
  let application: pg.Client;
  let tables: TableRow[];
  let role: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await agent.list([aPod('gone'), aPod('stays')]);
    await platform.settle();
    await agent.list([aPod('stays')]);
    await platform.settle();
    await bindOwn(platform.owner);
    await platform.query(
      `insert into app.policy_quarantine (org_id, policy_id, version, reason, since)
       select org_id, policy_id, version, 'test', created_at from app.policy_version limit 1`,
    );
    await platform.query(
      `insert into app.settling (org_id, object_id, cluster_id, settles_at)
       select org_id, object_id, cluster_id, present_since from app.inventory_object limit 1`,
    );
    await platform.query(
      `insert into app.object_key_path (org_id, cluster_id, path) select org_id, cluster_id, 'spec.test' from app.cluster limit 1`,
    );
    await platform.query(
      `insert into app.object_key (org_id, cluster_id, path, key, object_id)
       select org_id, cluster_id, 'spec.test', '1', object_id from app.inventory_object limit 1`,
    );
    await platform.query(
      `insert into app.agent_connection (org_id, cluster_id, connection_id, connected_at, alive_until)
       select org_id, cluster_id, gen_random_uuid(), created_at, created_at from app.cluster limit 1`,
    );
    await platform.query(
      `insert into app.mailbox (org_id, command_id, cluster_id, kind, created_at, expires_at)
       select org_id, gen_random_uuid(), cluster_id, 'sync', created_at, created_at from app.cluster limit 1`,
    );
    await platform.query(
      `insert into hist.compliance_day (org_id, valid_from, valid_to, format, opening, changes, objects_opening, objects_changes)
       select org_id, created_at - interval '1 day', created_at, 1, '', '', '', '' from app.cluster limit 1`,
    );
    await platform.owner.post('/api/v1/validate', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    await platform.owner.once('k', '/api/v1/targets', { name: 'kept' });
    await pushOne(platform);
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

  const actAs = (slug: string | null): Promise<unknown> =>
    application.query(`select set_config('bylaw.org_id', coalesce(directory.org_by_slug($1)::text, ''), false)`, [
      slug,
    ]);
  const open = (): TableRow[] => tables.filter(({ partition }) => !partition);
  const count = async (name: string, where = 'true'): Promise<number> =>
    (await application.query<{ n: number }>(`select count(*)::int as n from ${name} where ${where}`)).rows[0]?.n ?? -1;

  it('shows nothing where no organization is set, and nothing of another (T4)', async () => {
    const elsewhere = `org_id <> (select directory.org_by_slug('globex'))`;
    for (const { name } of open()) {
      await actAs('acme');
      // Not vacuous: the first organization has rows in each of them.
      expect([name, await count(name)]).not.toEqual([name, 0]);
      await actAs(null);
      expect([name, await count(name)]).toEqual([name, 0]);
      await actAs('globex');
      expect([name, await count(name, elsewhere)]).toEqual([name, 0]);
    }
    await actAs(null);
  });

  it('takes no row for another organization, and lets none be given away (T2)', async () => {
    await actAs('acme');
    const globex = `(select directory.org_by_slug('globex'))`;
    for (const { name, schema } of open()) {
      const insert = application.query(`insert into ${name} (org_id) values (${globex})`);
      await expect(insert.then(() => name)).rejects.toThrow(/new row violates row-level security/);
      if (schema === 'hist' || name === 'app.audit_log') continue;
      const give = application.query(`update ${name} set org_id = ${globex}`);
      await expect(give.then(() => name)).rejects.toThrow(/new row violates row-level security/);
    }
    await actAs(null);
  });

  it('can’t be edited or emptied by the application where it is history or the audit log (T3)', async () => {
    await actAs('acme');
    for (const { name } of open().filter((table) => table.schema === 'hist' || table.name === 'app.audit_log')) {
      for (const sql of [`update ${name} set org_id = org_id`, `delete from ${name}`, `truncate ${name}`]) {
        await expect(application.query(sql).then(() => sql)).rejects.toThrow(/permission denied/);
      }
    }
    await actAs(null);
  });

  it('is out of reach for the queue’s login; the application makes nothing and grants nothing (T3)', async () => {
    const queue = new URL(platform.database.logins.queueUrl).username;
    const { rows } = await owner.query<{ login: string; schema: string; uses: boolean; makes: boolean }>(
      `select login, nspname as schema, has_schema_privilege(login, oid, 'usage') as uses, has_schema_privilege(login, oid, 'create') as makes
       from pg_namespace, unnest($1::text[]) login where nspname in ('app', 'hist', 'directory', 'bullmq', 'migrations', 'public')`,
      [[role, queue]],
    );
    const may = (right: 'uses' | 'makes', login: string): string[] =>
      rows.flatMap((row) => (row.login === login && row[right] && row.schema !== 'public' ? [row.schema] : [])).sort();
    expect([may('uses', role), may('uses', queue)]).toEqual([['app', 'directory', 'hist'], ['bullmq']]);
    expect([may('makes', role), may('makes', queue)]).toEqual([[], ['bullmq']]);
    expect(rows.filter(({ schema, makes }) => schema === 'public' && makes)).toEqual([]);
    const { rows: memberships } = await owner.query(
      'select 1 from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = any($1)',
      [[role, queue]],
    );
    expect(memberships).toEqual([]);
  });

  it('lets jobs carry identities alone: who and which, never what (T1, J2)', async () => {
    const jobs = await eventually(async () => {
      const { rows } = await owner.query<{ queue: string; data: Record<string, string> }>(
        'select queue, data from bullmq.job',
      );
      return ['events', 'git', 'runs'].every((name) => rows.some(({ queue }) => queue === name)) && rows;
    }, 'wake-ups of both queues');
    const content = jobs.filter(({ data }) =>
      Object.entries(data).some(([key, value]) => !['org_id', 'run_id'].includes(key) || !UUID.test(value)),
    );
    expect(content).toEqual([]);
  });

  it('is reached past its organization by named functions alone (T4)', async () => {
    const { rows } = await owner.query<{ name: string; settings: string[] | null; public: boolean }>(
      `select format('%I.%I', n.nspname, p.proname) as name, p.proconfig as settings,
         exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0) as public
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(DEFINERS);
    // Of the tenants' own schema, only what is dangerous by name looks further than one of them.
    expect(DEFINERS.filter((name) => !/^directory\.|^app\.dangerously_/.test(name))).toEqual([]);
    // A search path of the caller's would let him put his own tables under a definer's feet.
    expect(rows.filter((row) => row.public || row.settings?.includes('search_path=""') !== true)).toEqual([]);
  });

  it('leaves only what must be known before the tenant is to the directory (T1)', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'directory'::regnamespace and relkind = 'r' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['credential', 'git_source', 'organization']);
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

/** A source that was told of a push. */
async function pushOne(platform: TestPlatform): Promise<void> {
  const source = { name: 'shop', provider: 'git', url: 'https://git.example.com/shop.git', webhook_secret: SECRET };
  const { id } = (await platform.owner.post('/api/v1/git-sources', source)).body as { id: string };
  const body = JSON.stringify({ ref: 'refs/heads/main', after: 'a'.repeat(40) });
  await platform.client().send('POST', `/api/v1/hooks/git/${id}`, body, { 'x-bylaw-signature': signed(body) });
}
