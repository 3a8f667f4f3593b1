import { MIGRATIONS } from '../../../migrations/index.js';
import { createLogger, loadInstallationKey, migrate, readConfig, resolveLogins } from '#platform';
import { createApi } from './create-api.js';
import { firstStart } from './first-start.js';
import { VERSION } from './version.js';

const config = readConfig(process.env, process.stderr.isTTY === true);
const logger = createLogger({ level: config.logLevel, format: config.logFormat });
const logins = await resolveLogins(config);
await migrate(logins, MIGRATIONS, new Date());
const app = await createApi(
  {
    applicationUrl: logins.applicationUrl,
    queueUrl: logins.queueUrl,
    redisUrl: config.redisUrl,
    installationKey: loadInstallationKey(config.dataDir, process.env['BYLAW_SECRET_KEY']),
    logger,
  },
  VERSION,
);
app.enableShutdownHooks();
await firstStart(app, config);
await app.listen(config.port);
logger.info({ url: await app.getUrl() }, 'ready');
