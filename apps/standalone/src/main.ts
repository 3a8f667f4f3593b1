import { createLogger, readConfig, runMain, tracingOptions } from '#platform';
import { startTracing } from '#tracing';
import { parseStartArguments, type ManifestSource } from './arguments.js';
import { Platform } from './platform.js';
import { startCluster, type SuppliedCluster } from './clusters.js';
import { Progress } from './progress.js';
import { printReady, printTable } from './table.js';

const EXAMPLE = { name: 'sample-shop', folder: new URL('../../../../examples/cluster', import.meta.url) };

async function main(): Promise<void> {
  const { manifests } = parseStartArguments(process.argv.slice(2));
  const config = readConfig(process.env, process.stderr.isTTY === true);
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  await startTracing(tracingOptions('bylaw', logger));
  const progress = new Progress();
  // Heard from the first moment on: Postgres would outlive a process that ends while it starts.
  const asked = untilSignal(progress);
  const platform = await Platform.start(config, logger, progress);
  const sources = manifests.length > 0 ? manifests : config.demo ? [EXAMPLE] : [];
  try {
    await Promise.race([asked, platform.lost, show(platform, sources, progress).then(() => asked)]);
  } finally {
    await platform.stop();
  }
}

/** Registers the folders, and shows what is wrong in them. */
async function show(platform: Platform, sources: readonly ManifestSource[], progress: Progress): Promise<void> {
  printReady(platform);
  const clusters: SuppliedCluster[] = [];
  for (const source of sources) {
    const cluster = await startCluster(platform, source);
    platform.own(cluster.agent);
    clusters.push(cluster);
  }
  if (clusters.length > 0) await printTable(platform, clusters, progress);
}

/** Ctrl-C ends everything in order; a second one ends it at once. */
function untilSignal(progress: Progress): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(130);
      asked = true;
      progress.say('Stopping');
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

await runMain(main);
process.exit(0);
