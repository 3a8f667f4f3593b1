import { ConfigError, EmbeddedPostgresError, DatabaseSetupError, createLogger, readConfig } from '#platform';
import { parseStartArguments } from './arguments.js';
import { Platform } from './platform.js';
import { startCluster } from './clusters.js';
import { Progress } from './progress.js';
import { printReady, printTable } from './table.js';

const EXAMPLE = { name: 'sample-shop', folder: new URL('../../../../examples/cluster', import.meta.url) };

async function main(): Promise<void> {
  const { manifests } = parseStartArguments(process.argv.slice(2));
  const config = readConfig(process.env, process.stderr.isTTY === true);
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const progress = new Progress();
  const platform = await Platform.start(config, logger, progress);
  stopOnSignal(platform, progress);
  const sources = manifests.length > 0 ? manifests : config.demo ? [EXAMPLE] : [];
  printReady(platform);
  try {
    for (const source of sources) platform.own(await startCluster(platform, source));
    if (sources.length > 0)
      await printTable(
        platform,
        sources.map(({ name }) => name),
        progress,
      );
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

/** Ctrl-C ends everything in order; a second one ends it at once. */
function stopOnSignal(platform: Platform, progress: Progress): void {
  let asked = false;
  const stop = (): void => {
    if (asked) process.exit(130);
    asked = true;
    progress.say('Stopping');
    platform.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  const expected =
    error instanceof ConfigError || error instanceof EmbeddedPostgresError || error instanceof DatabaseSetupError;
  process.stderr.write(`\n${expected ? (error as Error).message : (error as Error).stack}\n`);
  process.exit(1);
});
