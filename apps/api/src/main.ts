import { VERSION } from '#kernel';
import { createLogger, migrate, platformOptions, readConfig, resolveLogins, runMain, tracingOptions } from '#platform';
import { startTracing } from '#tracing';
import { MIGRATIONS } from '../../../migrations/index.js';
import { createApi, listen } from './create-api.js';
import { firstStart } from './first-start.js';

await runMain(async () => {
  const config = readConfig(process.env, process.stderr.isTTY === true);
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  await startTracing(tracingOptions('bylaw-api', logger));
  const logins = await resolveLogins(config);
  await migrate(logins, MIGRATIONS, new Date());
  const app = await createApi(platformOptions(config, logins, logger), VERSION);
  app.enableShutdownHooks();
  await firstStart(app, config);
  await listen(app, config.port);
  logger.info({ url: await app.getUrl() }, 'ready');
});
