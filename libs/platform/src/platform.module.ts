import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { getMetadataArgsStorage } from 'typeorm';
import type { Clock } from '#kernel';
import type { Config } from './config.js';
import { Database } from './database.js';
import { EventHandlers, OutboxDelivery, OutboxSink } from './events.js';
import type { DatabaseLogins } from './database-logins.js';
import { HistoryPartitions } from './history-partitions.js';
import { InstallationKey, loadInstallationKey } from './installation-key.js';
import { LOGGER, type Logger } from './logger.js';
import { Queues } from './queues.js';
import { Metrics } from './telemetry.js';
import { WakeUps } from './wake-ups.js';

export interface PlatformOptions {
  /** The owner's login: for history's partitions. */
  ownerUrl: string;
  /** The application's login. */
  applicationUrl: string;
  /** The queue's login; Redis takes its place where given. */
  queueUrl: string;
  redisUrl?: string | undefined;
  installationKey: InstallationKey;
  logger: Logger;
  /** Connections to Postgres of this process. */
  poolSize?: number;
  /** For tests and replay. */
  clock?: Clock;
}

const POOL_SIZE = 12;

/**
 * @param config the environment
 * @param logins of the database
 * @param logger of the process
 * @returns what a process of its own needs
 */
export function platformOptions(config: Config, logins: DatabaseLogins, logger: Logger): PlatformOptions {
  return {
    ownerUrl: logins.ownerUrl,
    applicationUrl: logins.applicationUrl,
    queueUrl: logins.queueUrl,
    redisUrl: config.redisUrl,
    installationKey: loadInstallationKey(config.dataDir, config.secretKey),
    logger,
  };
}

/** Database, queues, events and logger: what every feature stands on. */
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(WakeUps) private readonly wakeUps: WakeUps,
  ) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const { logger } = options;
    const queues = new Queues({ redisUrl: options.redisUrl, postgresUrl: options.queueUrl }, (error) =>
      logger.warn({ err: error }, 'queue'),
    );
    const handlers = new EventHandlers();
    const database = new Database({
      url: options.applicationUrl,
      entities: entitiesOfThisProcess(),
      poolSize: options.poolSize ?? POOL_SIZE,
      sinks: [new OutboxSink(handlers, queues)],
      ...(options.clock && { clock: options.clock }),
      onAfterCommitError: (error) => logger.error({ err: error }, 'after a commit'),
    });
    const connected = { provide: Database, useFactory: async () => (await database.connect(), database) };
    return {
      module: PlatformModule,
      global: true,
      providers: [
        connected,
        { provide: Queues, useValue: queues },
        {
          provide: WakeUps,
          useValue: new WakeUps(options.queueUrl, (error) => logger.warn({ err: error }, 'wake-ups')),
        },
        { provide: EventHandlers, useValue: handlers },
        { provide: InstallationKey, useValue: options.installationKey },
        { provide: LOGGER, useValue: logger },
        { provide: HistoryPartitions, useValue: new HistoryPartitions(options.ownerUrl) },
        { provide: Metrics, useValue: new Metrics() },
        { provide: OutboxDelivery, useFactory: (db: Database) => new OutboxDelivery(db, handlers), inject: [Database] },
      ],
      exports: [
        Database,
        Queues,
        EventHandlers,
        HistoryPartitions,
        InstallationKey,
        LOGGER,
        Metrics,
        OutboxDelivery,
        WakeUps,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
    await this.wakeUps.close();
    await this.database.close();
  }
}

/** Every class that a loaded feature has decorated as an entity. */
function entitiesOfThisProcess(): (new () => object)[] {
  return getMetadataArgsStorage().tables.map((table) => table.target as new () => object);
}
