export default async function teardown() {
  await globalThis.bylawTestCluster?.stop();
}
