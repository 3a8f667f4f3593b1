import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate, type DatabaseLogins } from '#platform';
import { eventually, TestDatabase } from '#testing';
import { MIGRATIONS } from '../../migrations/index.js';

describe('a worker that is started before the API has set the database up', () => {
  const name = `t_${randomBytes(8).toString('hex')}`;
  let beside: TestDatabase;
  let superuser: pg.Client;
  let logins: DatabaseLogins;
  beforeAll(async () => {
    beside = await TestDatabase.create();
    superuser = new pg.Client({ connectionString: beside.superuserUrl });
    await superuser.connect();
    await superuser.query(`create database ${name} owner bylaw_owner`);
    const empty = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
    const { ownerUrl, applicationUrl, queueUrl } = beside.logins;
    logins = { ownerUrl: empty(ownerUrl), applicationUrl: empty(applicationUrl), queueUrl: empty(queueUrl) };
  });
  afterAll(async () => {
    await superuser.query(`drop database if exists ${name} with (force)`);
    await superuser.end();
    await beside.drop();
  });

  it('finds the queues where it finds anything at all', async () => {
    const worker = new pg.Client({ connectionString: logins.applicationUrl });
    const queue = new pg.Client({ connectionString: logins.queueUrl });
    await Promise.all([worker.connect(), queue.connect()]);
    const migrating = migrate(logins, MIGRATIONS, new Date());
    try {
      await eventually(
        async () => (await worker.query('select app.dangerously_organizations()')).rowCount !== null,
        'the application to be let in',
      );
      const { rows } = await queue.query(
        `select has_schema_privilege('bullmq', 'usage, create') as schema, bool_and(has_table_privilege(oid, 'select, insert, update, delete')) as tables
         from pg_class where relnamespace = 'bullmq'::regnamespace and relkind = 'r'`,
      );
      expect(rows).toEqual([{ schema: true, tables: true }]);
    } finally {
      await migrating;
      await Promise.all([worker.end(), queue.end()]);
    }
  });
});
