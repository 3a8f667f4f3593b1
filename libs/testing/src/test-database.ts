import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { DatabaseLogins } from '#platform';
import { TEMPLATE } from './test-cluster.js';

/** How the tests' processes find the cluster that was started for them. */
export const CLUSTER_VARIABLE = 'BYLAW_TEST_CLUSTER';

export interface ClusterAddress {
  superuserUrl: string;
  logins: DatabaseLogins;
}

/** A database of a test's own: a copy of the migrated template, gone when the test is. */
export class TestDatabase {
  private constructor(
    readonly logins: DatabaseLogins,
    /** Superuser's connection, to the whole cluster: for roles of a test's own. */
    readonly superuserUrl: string,
    private readonly name: string,
  ) {}

  /** @throws Error where the tests were not started by `npm test` */
  static async create(): Promise<TestDatabase> {
    const address = process.env[CLUSTER_VARIABLE];
    if (address === undefined) throw new Error('There is no Postgres for tests: start them with `npm test`.');
    const { superuserUrl, logins } = JSON.parse(address) as ClusterAddress;
    const name = `t_${randomBytes(8).toString('hex')}`;
    await asSuperuser(superuserUrl, `create database ${name} template ${TEMPLATE} owner bylaw_owner`);
    const inIt = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
    const own = {
      ownerUrl: inIt(logins.ownerUrl),
      applicationUrl: inIt(logins.applicationUrl),
      queueUrl: inIt(logins.queueUrl),
    };
    return new TestDatabase(own, superuserUrl, name);
  }

  /** Drops it, whoever is still connected. */
  async drop(): Promise<void> {
    await asSuperuser(this.superuserUrl, `drop database if exists ${this.name} with (force)`);
  }
}

async function asSuperuser(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
