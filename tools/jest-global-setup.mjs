import { CLUSTER_VARIABLE, startTestCluster } from '../dist/libs/testing/src/index.js';
import { MIGRATIONS } from '../dist/migrations/index.js';

/** One Postgres for the whole run; each test file copies a database of its own from the migrated template. */
export default async function setup() {
  const cluster = await startTestCluster(MIGRATIONS);
  process.env[CLUSTER_VARIABLE] = JSON.stringify({ superuserUrl: cluster.superuserUrl, logins: cluster.logins });
  globalThis.bylawTestCluster = cluster;
}
