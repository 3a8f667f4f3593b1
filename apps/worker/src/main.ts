import { NestFactory } from '@nestjs/core';
import { createLogger, NestLogger, platformOptions, readConfig, resolveLogins } from '#platform';
import { WorkerModule } from './worker.module.js';
import { WorkerService } from './worker.service.js';

const config = readConfig(process.env, process.stderr.isTTY === true);
const logger = createLogger({ level: config.logLevel, format: config.logFormat });
const options = platformOptions(config, await resolveLogins(config), logger);
const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(options), {
  logger: new NestLogger(logger),
});
app.enableShutdownHooks();
app.get(WorkerService).start();
logger.info('ready');
