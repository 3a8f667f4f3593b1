import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { grantApplication } from './database-grants.js';
import { loginOf, type DatabaseLogins } from './database-logins.js';
import { migrateQueues } from './queues.js';

const MIGRATION_LOCK = 7_236_100;

/**
 * Brings the database to this release, as its owner; of several replicas starting at once, one does it and the others wait.
 * @param logins who owns and who serves
 * @param migrations all of them, in order
 * @param now decides which monthly partitions of history have to be there
 */
export async function migrate(
  logins: DatabaseLogins,
  migrations: (new () => MigrationInterface)[],
  now: Date,
): Promise<void> {
  const owner = new pg.Client({ connectionString: logins.ownerUrl });
  await owner.connect();
  try {
    await owner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await owner.query('create schema if not exists migrations');
    await runMigrations(logins.ownerUrl, migrations);
    await ensurePartitions(owner, now);
    await migrateQueues(logins);
    // Last: by what it may do, a process that was started before knows that everything is there. BullMQ would not look again.
    await grantApplication(owner, loginOf(logins.applicationUrl));
  } finally {
    await owner.end();
  }
}

/**
 * Makes the partitions of history from the month before to three months ahead; rows beyond them go to a default partition.
 * @param owner a connection as the owner
 * @param now any time in the present month
 */
export async function ensurePartitions(owner: pg.Client, now: Date): Promise<void> {
  const month = (offset: number): string =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 10);
  await owner.query(`call hist.ensure_partitions('${month(-1)}', '${month(3)}')`);
}

async function runMigrations(url: string, migrations: (new () => MigrationInterface)[]): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations,
    migrationsTableName: 'applied',
    schema: 'migrations',
    installExtensions: false,
    poolSize: 1,
  });
  await dataSource.initialize();
  try {
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await dataSource.destroy();
  }
}
