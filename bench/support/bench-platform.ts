import { MIGRATIONS } from '../../migrations/index.js';
import { CLUSTER_VARIABLE, startTestCluster } from '#testing';
import { TestPlatform } from '../../test/support/test-platform.js';

/**
 * Runs a bench over the whole platform in this process: durable Postgres, API and worker, as `npm start` has them.
 * @param work what is measured
 * @param worker false: the API alone
 */
export async function withPlatform(work: (platform: TestPlatform) => Promise<void>, worker = true): Promise<void> {
  const cluster = await startTestCluster(MIGRATIONS, true);
  process.env[CLUSTER_VARIABLE] = JSON.stringify({ superuserUrl: cluster.superuserUrl, logins: cluster.logins });
  try {
    const platform = await TestPlatform.start({ worker });
    try {
      await work(platform);
    } finally {
      await platform.stop();
    }
  } finally {
    await cluster.stop();
  }
}
