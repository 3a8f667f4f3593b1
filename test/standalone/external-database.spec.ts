import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { CLUSTER_VARIABLE, type ClusterAddress } from '#testing';
import { StandaloneFolder } from '../support/standalone-process.js';

/** A database of somebody else's server, with an owner who is no superuser. */
class ExternalDatabase {
  readonly owner = `o_${randomBytes(6).toString('hex')}`;
  private readonly superuserUrl = (JSON.parse(process.env[CLUSTER_VARIABLE] ?? '{}') as ClusterAddress).superuserUrl;

  async create(mayCreateRoles: boolean): Promise<void> {
    await this.query(`create role ${this.owner} login ${mayCreateRoles ? 'createrole' : ''} password 'secret'`);
    await this.query(`create database ${this.owner} owner ${this.owner}`);
  }

  /** The owner's login. */
  url(password = 'secret'): string {
    const url = new URL(this.superuserUrl);
    return Object.assign(url, { username: this.owner, password, pathname: `/${this.owner}` }).toString();
  }

  async logins(): Promise<string[]> {
    const rows = await this.query(`select rolname from pg_roles where rolname like '${this.owner}%' order by 1`);
    return rows.map(({ rolname }) => String(rolname));
  }

  async drop(): Promise<void> {
    await this.query(`drop database if exists ${this.owner} with (force)`);
    for (const login of (await this.logins()).toReversed()) await this.query(`drop role ${login}`);
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.superuserUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
}

describe('npm start on a Postgres of one’s own', () => {
  let folder: StandaloneFolder;
  const database = new ExternalDatabase();
  const bare = new ExternalDatabase();
  beforeAll(async () => {
    folder = new StandaloneFolder();
    folder.write('shop/web.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: default }\n');
    await database.create(true);
    await bare.create(false);
  });
  afterAll(async () => {
    await folder.remove();
    await database.drop();
    await bare.drop();
  });

  it('needs nothing but an owner who may create roles, and starts no Postgres', async () => {
    for (const start of ['first', 'second']) {
      const started = folder.start({ env: { DATABASE_URL: database.url() } });
      const owner = await started.owner();
      expect([start, (await owner.get('/api/v1/policies')).status]).toEqual([start, 200]);
      expect(started.children()).toEqual([]);
      started.signal('SIGINT');
      expect((await started.exit).code).toBe(0);
    }
    expect(await database.logins()).toEqual([database.owner, `${database.owner}_app`, `${database.owner}_queue`]);
  });

  it('is told the SQL to run where the owner may not create roles, and starts once it was run', async () => {
    const refused = folder.start({ env: { DATABASE_URL: bare.url() } });
    expect((await refused.exit).code).toBe(1);
    expect(refused.err).toContain(`The login "${bare.owner}" of DATABASE_URL may not create roles.`);
    expect(refused.err).not.toMatch(/^\s+at /m);
    const sql = refused.err.split('\n').filter((line) => line.startsWith('  create role'));
    expect(sql).toHaveLength(2);
    for (const statement of sql) await bare.query(statement);

    const started = folder.start({ env: { DATABASE_URL: bare.url() } });
    await started.url();
    started.signal('SIGINT');
    expect((await started.exit).code).toBe(0);
  });

  it.each<[string, () => string, string]>([
    ['the password is wrong', () => database.url('wrong'), 'password authentication failed'],
    ['nobody answers', () => 'postgres://a:b@127.0.0.1:1/c', 'ECONNREFUSED'],
  ])('says so where %s', async (_what, url, reason) => {
    const refused = folder.start({ env: { DATABASE_URL: url() } });
    expect((await refused.exit).code).toBe(1);
    expect(refused.err).toMatch(new RegExp(`DATABASE_URL can't be used: .*${reason}`));
    expect(refused.err).toContain('Bylaw brings a Postgres of its own');
    expect(refused.err).not.toMatch(/^\s+at /m);
  });
});
