import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { TestDatabase } from '#testing';
import { DatabaseSetupError, loginOf, prepareLogins, resolveLogins } from './database-logins.js';

describe('the logins of a database of one’s own (T5)', () => {
  let database: TestDatabase;
  let superuserUrl: string;
  const made: string[] = [];
  beforeAll(async () => {
    database = await TestDatabase.create();
    superuserUrl = database.superuserUrl;
  });
  afterEach(async () => {
    for (const role of made.splice(0)) await ask(superuserUrl, `drop role if exists ${pg.escapeIdentifier(role)}`);
  });
  afterAll(() => database.drop());

  const ask = async <Row>(url: string, sql: string, parameters: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql, parameters)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  /** @returns the URL of a new login; its two helpers are taken away with it */
  const aLogin = async (rights: string): Promise<string> => {
    const role = `t_${randomBytes(6).toString('hex')}`;
    made.push(`${role}_app`, `${role}_queue`, role);
    await ask(superuserUrl, `create role ${role} login ${rights} password 'p@ss/word'`);
    const url = new URL(superuserUrl);
    url.username = role;
    url.password = encodeURIComponent('p@ss/word');
    return url.toString();
  };

  it('are made from one URL where its login may create roles, and are the same at every start', async () => {
    const ownerUrl = await aLogin('createrole');
    const logins = await prepareLogins(ownerUrl);
    expect(logins.ownerUrl).toBe(ownerUrl);
    expect(await prepareLogins(ownerUrl)).toEqual(logins);
    for (const url of [logins.applicationUrl, logins.queueUrl]) {
      const rows = await ask<object>(
        url,
        'select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles where rolname = current_user',
      );
      expect([loginOf(url), rows]).toEqual([
        loginOf(url),
        [{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false, rolreplication: false }],
      ]);
    }
  });

  it('are made once, though many replicas start at the same moment', async () => {
    const ownerUrl = await aLogin('createrole');
    const all = await Promise.all(Array.from({ length: 6 }, () => prepareLogins(ownerUrl)));
    expect(new Set(all.map(({ applicationUrl }) => applicationUrl)).size).toBe(1);
    expect(await ask(all[0]?.applicationUrl ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('are refused where the login may not create roles, with the SQL to run: run, it suffices', async () => {
    const ownerUrl = await aLogin('');
    const refusal = await prepareLogins(ownerUrl).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(DatabaseSetupError);
    const { message } = refusal as DatabaseSetupError;
    expect(message).toContain('DATABASE_OWNER_URL');
    const statements = message.split('\n').filter((line) => line.trim().startsWith('create role'));
    expect(statements).toHaveLength(2);
    for (const statement of statements) await ask(superuserUrl, statement);
    const { queueUrl } = await prepareLogins(ownerUrl);
    expect(await ask(queueUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('are taken as they are where both are given, and asked for where none is', async () => {
    const none = { databaseUrl: undefined, databaseOwnerUrl: undefined, databaseDirectUrl: undefined };
    await expect(resolveLogins(none)).rejects.toThrow(/DATABASE_URL/);
    const both = { ...none, databaseUrl: 'postgres://app@pooler/b', databaseOwnerUrl: 'postgres://owner@db/b' };
    expect(await resolveLogins(both)).toEqual({
      ownerUrl: both.databaseOwnerUrl,
      applicationUrl: both.databaseUrl,
      queueUrl: both.databaseUrl,
    });
    const direct = 'postgres://app@db/b';
    expect((await resolveLogins({ ...both, databaseDirectUrl: direct })).queueUrl).toBe(direct);
  });
});
