import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DoctorPatient, said } from '../support/doctor-patient.js';

const APPLICATION = 'bylaw_owner_app';

describe('bylaw doctor and a database', () => {
  let patient: DoctorPatient;
  beforeAll(async () => {
    patient = await DoctorPatient.start();
  });
  afterAll(() => patient.stop());

  it('that is as it should be: nothing to complain of, and no word of what is to be done', async () => {
    expect(await patient.complaints()).toEqual([]);
  });

  it('is only looked at: it may refuse every write', async () => {
    const [{ name = '' } = {}] = await patient.sql<{ name: string }>('select current_database() as name');
    const readOnly = (on: string): string => `alter database ${name} set default_transaction_read_only = ${on}`;
    // In their own sessions, the API's among them, nothing changes; new ones read.
    expect(said(await patient.broken(readOnly('on'), readOnly('off')))).toEqual([]);
  });

  it('is not read to the end of any table, however long, to see that nothing is shown', async () => {
    const tables = await patient.sql<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables t
       where schemaname in ('app', 'hist') and not (select relispartition from pg_class where oid = format('%I.%I', schemaname, tablename)::regclass)`,
    );
    expect(tables.length).toBeGreaterThan(30);
    const client = new pg.Client({ connectionString: patient.platform.database.logins.applicationUrl });
    await client.connect();
    await client.query('set enable_seqscan = off');
    for (const { name } of tables) {
      const { rows } = await client.query<Record<string, string>>(`explain select 1 from ${name} limit 1`);
      expect([name, rows.map((row) => row['QUERY PLAN']).join('\n')]).not.toEqual([
        name,
        expect.stringMatching(/Seq Scan/),
      ]);
    }
    await client.end();
  });

  describe('whose rows are not kept apart', () => {
    it.each([
      [
        'a table without row-level security',
        'alter table app.cluster disable row level security',
        'alter table app.cluster enable row level security',
        [/failed row-level security\/tables: not protected: app\.cluster \(off\)/],
      ],
      [
        'a table whose owner sees everything',
        'alter table app.cluster no force row level security',
        'alter table app.cluster force row level security',
        [/failed row-level security\/tables: not protected: app\.cluster \(not for the owner\)/],
      ],
      [
        'a policy that lets everything through',
        'drop policy tenant on app.target; create policy tenant on app.target using (true)',
        'drop policy tenant on app.target; call app.protect($$app.target$$)',
        [
          /failed row-level security\/tables: not protected: app\.target \(another policy\)/,
          /failed row-level security\/without organization: rows are shown to nobody in particular: app\.target/,
        ],
      ],
      [
        'a second policy beside the first, which widens it',
        'create policy support on app.cluster for select using (true)',
        'drop policy support on app.cluster',
        [/failed row-level security\/tables: not protected: app\.cluster \(2 policies\)/],
      ],
      [
        'a table that somebody added',
        'create table app.notes (org_id uuid primary key); alter table app.notes owner to bylaw_owner; insert into app.notes values (gen_random_uuid()); grant select on app.notes to bylaw_owner_app',
        'drop table app.notes',
        [
          /failed row-level security\/tables: not protected: app\.notes \(off\)/,
          /failed row-level security\/rights: the application may not do enough: INSERT, UPDATE, DELETE on app\.notes/,
          /failed row-level security\/without organization: rows are shown to nobody in particular: app\.notes/,
        ],
      ],
      [
        'history that the application may change',
        `grant update on app.audit_log, hist.violation_span to ${APPLICATION}`,
        `revoke update on app.audit_log, hist.violation_span from ${APPLICATION}`,
        [
          /failed row-level security\/rights: the application may do too much: UPDATE on app\.audit_log, UPDATE on hist\.violation_span/,
        ],
      ],
      [
        'a directory that the application may read',
        `grant select on directory.credential to ${APPLICATION}`,
        `revoke select on directory.credential from ${APPLICATION}`,
        [/failed row-level security\/rights: the application may do too much: SELECT on directory\.credential/],
      ],
      [
        'a table that the application may not read',
        `revoke select on app.cluster from ${APPLICATION}`,
        `grant select on app.cluster to ${APPLICATION}`,
        [/failed row-level security\/rights: the application may not do enough: SELECT on app\.cluster/],
      ],
      [
        'a function with the owner’s rights that anybody may call',
        'grant execute on function directory.org_by_slug(text) to public',
        'revoke execute on function directory.org_by_slug(text) from public',
        [/failed row-level security\/functions: .*: directory\.org_by_slug$/],
      ],
      [
        'a function with the owner’s rights that looks where its caller says',
        'alter function directory.org_by_slug(text) reset search_path',
        `alter function directory.org_by_slug(text) set search_path = ''`,
        [/failed row-level security\/functions: .*: directory\.org_by_slug$/],
      ],
    ])('%s', async (_what, breaking, mending, expected) => {
      const complaints = await patient.broken(breaking, mending);
      expect(said(complaints)).toEqual(expected.map((text) => expect.stringMatching(text)));
      expect(complaints.filter(({ advice }) => advice === undefined)).toEqual([]);
      expect(await patient.complaints()).toEqual([]);
    });

    it('a login that stands in one organization before anybody says which', async () => {
      const [{ id = '' } = {}] = await patient.sql<{ id: string }>(`select directory.org_by_slug('acme') as id`);
      const [{ name = '' } = {}] = await patient.sql<{ name: string }>('select current_database() as name');
      const role = `alter role ${APPLICATION} in database ${name}`;
      const complaints = await patient.broken(`${role} set bylaw.org_id = '${id}'`, `${role} reset bylaw.org_id`);
      expect(said(complaints)).toEqual([
        expect.stringMatching(/^failed row-level security\/without organization: .*app\.api_key/),
      ]);
      expect(complaints[0]?.advice).toMatch(/bylaw\.org_id/);
    });
  });

  describe('that is of another version', () => {
    it('a migration that did not run', async () => {
      const complaints = await patient.broken(
        `create table app.kept as select * from migrations.applied where name like 'Live%'; delete from migrations.applied where name like 'Live%'`,
        'insert into migrations.applied select * from app.kept; drop table app.kept',
      );
      expect(said(complaints.filter(({ check }) => check === 'migrations'))).toEqual([
        expect.stringMatching(/^failed migrations\/schema: 1 migration of \d+ did not run: Live20261129000016$/),
      ]);
    });

    it('one that a newer version ran', async () => {
      const complaints = await patient.broken(
        `insert into migrations.applied (timestamp, name) values (20990101000001, 'Later20990101000001')`,
        `delete from migrations.applied where name like 'Later%'`,
      );
      expect(said(complaints)).toEqual([
        expect.stringMatching(
          /^failed migrations\/schema: a newer version of the platform has run here: Later20990101000001 is/,
        ),
      ]);
    });

    it('one that nothing was done in yet is no fault: it says who sets it up', async () => {
      const name = `t_${randomUUID().replaceAll('-', '')}`;
      await patient.sql(`create database ${name} owner bylaw_owner`);
      try {
        const there = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
        const { ownerUrl, applicationUrl, queueUrl } = patient.platform.database.logins;
        const complaints = await patient.complaints({
          DATABASE_URL: there(applicationUrl),
          DATABASE_OWNER_URL: there(ownerUrl),
          DATABASE_DIRECT_URL: there(queueUrl),
        });
        expect(said(complaints)).toEqual([
          'skipped row-level security/tables: there are none yet: see migrations',
          'warning migrations/schema: nothing of the platform is there yet',
          'skipped queue/events: there are none yet: see migrations',
        ]);
      } finally {
        await patient.sql(`drop database ${name} with (force)`);
      }
    });
  });

  describe('where work or history is stuck', () => {
    const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

    it.each([
      [0, []],
      [3, [/^warning queue\/events: 1 to be delivered, in 1 organization; the oldest waits for 3 min$/]],
      [60, [/^failed queue\/events: 1 to be delivered, in 1 organization; the oldest waits for 60 min$/]],
    ])('an event that nobody has delivered for %i minutes', async (minutes, expected) => {
      await patient.platform.query(
        `insert into app.outbox (org_id, event_id, topic, payload, at)
         select org_id, gen_random_uuid(), 'test', '{}', $1 from app.organization`,
        [ago(minutes)],
      );
      const complaints = await patient.complaints();
      await patient.platform.query(`update app.outbox set dispatched_at = at where topic = 'test'`);
      expect(said(complaints)).toEqual(expected.map((text) => expect.stringMatching(text)));
    });

    it.each([
      ['waiting', /^warning queue\/runs: 1 waiting, in 1 organization; the oldest for 60 min$/],
      ['running', /^warning queue\/runs: 1 were left by a worker that has gone, and nobody took them over for 60 min$/],
    ])('a run that is %s for an hour', async (status, expected) => {
      const { body } = await patient.platform.owner.post('/api/v1/clusters', { name: `stuck-${status}` });
      await patient.platform.settle();
      await patient.platform.query(
        `insert into app.run (org_id, run_id, cluster_id, trigger, triggers, status, requested_at, lease_until)
         select org_id, gen_random_uuid(), cluster_id, 'manual', '{manual}', $2, $1, case when $2 = 'running' then $1::timestamptz end
         from app.cluster where name = $3`,
        [ago(60), status, (body as { name: string }).name],
      );
      const complaints = await patient.complaints();
      await patient.platform.query(`update app.run set status = 'done', lease_until = null`);
      expect(said(complaints)).toEqual([expect.stringMatching(expected)]);
    });

    it('next month without a partition of its own', async () => {
      const now = new Date();
      const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
      const partition = `hist.violation_span_${next.slice(0, 7).replace('-', '_')}`;
      const complaints = await patient.broken(
        `drop table ${partition}`,
        `call hist.ensure_partitions('${next}', '${next}'); alter table ${partition} owner to bylaw_owner`,
      );
      expect(said(complaints)).toEqual([
        `failed disk/history partitions: not there: ${partition.slice('hist.'.length)}`,
      ]);
      expect(complaints[0]?.advice).toMatch(/hist\.ensure_partitions/);
      expect(await patient.complaints()).toEqual([]);
    });
  });
});
