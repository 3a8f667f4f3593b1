import { VERSION } from '#kernel';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MIGRATIONS } from '../../../migrations/index.js';
import {
  ConfigError,
  EMBEDDED_DATABASE,
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
import { createApi, listen } from '../../api/src/create-api.js';
import { firstStart } from '../../api/src/first-start.js';
import { WorkerModule } from '../../worker/src/worker.module.js';
import { WorkerService } from '../../worker/src/worker.service.js';
import type { AgentProcess } from './agent-process.js';
import type { Progress } from './progress.js';

/** Everything that runs: Postgres where it is ours, API and worker in this process, agents as children. */
export class Platform {
  private readonly agents: AgentProcess[] = [];
  private stopping = false;

  private constructor(
    readonly config: Config,
    /** Where this process and its agents reach it; without a slash at its end. */
    readonly localUrl: string,
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
      await listenFor(app, config.port);
      app.get(WorkerService).start();
      progress.say('API and worker are ready');
      return new Platform(config, `http://localhost:${portOf(app)}`, owner, app, postgres);
    } catch (error) {
      await app?.close();
      await postgres?.stop();
      throw error;
    }
  }

  /** Where people reach it; without a slash at its end. */
  get url(): string {
    return this.config.publicUrl ?? this.localUrl;
  }

  /**
   * Rejects where the embedded Postgres ends though nobody asked it to.
   * @throws EmbeddedPostgresError with the way out
   */
  get lost(): Promise<never> {
    return this.postgres?.lost ?? new Promise<never>(() => undefined);
  }

  /** An agent that ends with the platform. */
  own(agent: AgentProcess): void {
    this.agents.push(agent);
    if (this.stopping) void agent.stop();
  }

  /** Ends agents first, then API and worker, Postgres last. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.agents.map((agent) => agent.stop()));
    // Without its database nothing of it can be finished: it ends with the process.
    if (this.postgres?.hasEnded !== true) await this.app.close();
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
    return {
      postgres,
      logins: await prepareLogins(await ensureEmbeddedDatabase(postgres.superuserUrl, key, EMBEDDED_DATABASE)),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function listenFor(app: NestExpressApplication, port: number): Promise<void> {
  try {
    await listen(app, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is taken by another program';
    const other = port < 1_024 ? 3_000 : port + 1;
    throw new ConfigError(`Port ${port} ${why}. Choose another: PORT=${other} npm start`, { cause: error });
  }
}

function portOf(app: NestExpressApplication): number {
  const address = app.getHttpServer().address() as { port: number };
  return address.port;
}
