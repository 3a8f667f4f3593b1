import { VERSION } from '#kernel';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MIGRATIONS } from '../../../migrations/index.js';
import {
  EmbeddedPostgres,
  ensureEmbeddedDatabase,
  loadInstallationKey,
  migrate,
  platformOptions,
  prepareLogins,
  resolveLogins,
  type Config,
  type DatabaseLogins,
  type InstallationKey,
  type Logger,
} from '#platform';
import { createApi } from '../../api/src/create-api.js';
import { firstStart } from '../../api/src/first-start.js';
import { WorkerModule } from '../../worker/src/worker.module.js';
import { WorkerService } from '../../worker/src/worker.service.js';
import type { AgentProcess } from './agent-process.js';
import type { Progress } from './progress.js';

/** Everything that runs: Postgres where it is ours, API and worker in this process, agents as children. */
export class Platform {
  private readonly agents: AgentProcess[] = [];

  private constructor(
    readonly config: Config,
    /** Without a slash at its end. */
    readonly url: string,
    readonly owner: { ownerKey: string; ownerKeyFile: string },
    private readonly app: NestExpressApplication,
    private readonly postgres: EmbeddedPostgres | undefined,
  ) {}

  /**
   * Starts all of it; what was started is ended where a later part fails.
   * @param config the environment
   * @param logger of this process
   * @param progress for the person who waits
   */
  static async start(config: Config, logger: Logger, progress: Progress): Promise<Platform> {
    const installationKey = loadInstallationKey(config.dataDir, config.secretKey);
    const { postgres, logins } = await openDatabase(config, installationKey, progress);
    let app: NestExpressApplication | undefined;
    try {
      await migrate(logins, MIGRATIONS, new Date());
      progress.say('Database is ready');
      app = await createApi(platformOptions(config, logins, logger), VERSION, [WorkerModule]);
      const owner = await firstStart(app, config);
      await app.listen(config.port);
      app.get(WorkerService).start();
      const url = config.publicUrl ?? `http://localhost:${portOf(app)}`;
      progress.say('API and worker are ready');
      return new Platform(config, url, owner, app, postgres);
    } catch (error) {
      await app?.close();
      await postgres?.stop();
      throw error;
    }
  }

  /** An agent that ends with the platform. */
  own(agent: AgentProcess): void {
    this.agents.push(agent);
  }

  /** Ends agents first, then API and worker, Postgres last. */
  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await this.app.close();
    await this.postgres?.stop();
  }
}

async function openDatabase(
  config: Config,
  key: InstallationKey,
  progress: Progress,
): Promise<{ postgres: EmbeddedPostgres | undefined; logins: DatabaseLogins }> {
  if (config.databaseUrl !== undefined) return { postgres: undefined, logins: await resolveLogins(config) };
  progress.say('Starting Postgres');
  const postgres = await EmbeddedPostgres.start({
    dataDir: config.dataDir,
    onProgress: (message) => progress.say(message),
  });
  try {
    return { postgres, logins: await prepareLogins(await ensureEmbeddedDatabase(postgres.superuserUrl, key, 'bylaw')) };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

function portOf(app: NestExpressApplication): number {
  const address = app.getHttpServer().address() as { port: number };
  return address.port;
}
