import { NestFactory } from '@nestjs/core';
import { createLogger, loadInstallationKey, NestLogger, readConfig, resolveLogins } from '#platform';
import { WorkerModule } from './worker.module.js';
import { WorkerService } from './worker.service.js';

const config = readConfig(process.env, process.stderr.isTTY === true);
const logger = createLogger({ level: config.logLevel, format: config.logFormat });
const logins = await resolveLogins(config);
const app = await NestFactory.createApplicationContext(
  WorkerModule.forRoot({
    applicationUrl: logins.applicationUrl,
    queueUrl: logins.queueUrl,
    redisUrl: config.redisUrl,
    installationKey: loadInstallationKey(config.dataDir, process.env['BYLAW_SECRET_KEY']),
    logger,
  }),
  { logger: new NestLogger(logger) },
);
app.enableShutdownHooks();
app.get(WorkerService).start();
logger.info('ready');
