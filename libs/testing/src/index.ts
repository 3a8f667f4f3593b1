export { eventually } from './eventually.js';
export { startTestCluster, TEMPLATE, TEST_KEY, TEST_SECRET, type TestCluster } from './test-cluster.js';
export { CLUSTER_VARIABLE, TestDatabase, type ClusterAddress } from './test-database.js';
export { silentLogger, TestFeatures } from './test-features.js';
