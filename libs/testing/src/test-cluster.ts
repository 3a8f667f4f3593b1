import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EmbeddedPostgres,
  ensureEmbeddedDatabase,
  InstallationKey,
  migrate,
  prepareLogins,
  type DatabaseLogins,
} from '#platform';
import type { MigrationInterface } from 'typeorm';

/** Name of the migrated database that every test's own is copied from. */
export const TEMPLATE = 'bylaw_template';

/** The secret of every test's installation, and its key. */
export const TEST_SECRET = Buffer.alloc(32, 7);
export const TEST_KEY = new InstallationKey(TEST_SECRET);

/** A Postgres of its own for one run of the tests. */
export interface TestCluster {
  superuserUrl: string;
  logins: DatabaseLogins;
  stop(): Promise<void>;
}

/**
 * Starts a throw-away Postgres, another one where `BYLAW_TEST_POSTGRES` names its folder, and migrates the template, as an
 * owner who is no superuser and with his URL alone.
 * @param migrations all of them
 * @param durable true where its speed is measured: then it writes as in production
 */
export async function startTestCluster(
  migrations: (new () => MigrationInterface)[],
  durable = false,
): Promise<TestCluster> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bylaw-test-'));
  const binaries = process.env['BYLAW_TEST_POSTGRES'];
  const postgres = await EmbeddedPostgres.start({ dataDir, durable, ...(binaries !== undefined && { binaries }) });
  const ownerUrl = await ensureEmbeddedDatabase(postgres.superuserUrl, TEST_KEY, TEMPLATE);
  const logins = await prepareLogins(ownerUrl);
  await migrate(logins, migrations, new Date());
  return {
    superuserUrl: postgres.superuserUrl,
    logins,
    stop: async () => {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
