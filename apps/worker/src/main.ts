import { NestFactory } from '@nestjs/core';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createLogger,
  NestLogger,
  platformOptions,
  readConfig,
  resolveLogins,
  runMain,
  tracingOptions,
  type Logger,
} from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { startTracing } from '#tracing';
import { OperationsServer } from './operations-server.js';
import { WorkerModule } from './worker.module.js';
import { WorkerService } from './worker.service.js';

const LOOK_MS = 500;
/** A schema, table, function or grant that is not there: the API makes them when it starts. */
const NOT_SET_UP = new Set(['3F000', '42P01', '42883', '42501']);

await runMain(async () => {
  const config = readConfig(process.env, process.stderr.isTTY === true);
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  await startTracing(tracingOptions('bylaw-worker', logger));
  const options = platformOptions(config, await resolveLogins(config), logger);
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(options), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.enableShutdownHooks();
  const operations = app.get(OperationsServer);
  const port = await operations.listen(config.workerPort);
  await untilSetUp(app.get(OrganizationsDirectory), logger);
  app.get(WorkerService).start();
  operations.isServing();
  logger.info({ port }, 'ready');
});

/** A worker may be started before the API has set the database up. */
async function untilSetUp(organizations: OrganizationsDirectory, logger: Logger): Promise<void> {
  for (let looks = 0; ; looks++) {
    try {
      await organizations.dangerouslyListAll();
      return;
    } catch (error) {
      const code = (error as { code?: string; driverError?: { code?: string } }).driverError?.code ?? '';
      if (!NOT_SET_UP.has(code)) throw error;
      if (looks === 0) logger.info('waiting until the API has set the database up');
      await delay(LOOK_MS);
    }
  }
}
