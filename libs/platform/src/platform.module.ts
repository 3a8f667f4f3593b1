import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { getMetadataArgsStorage } from 'typeorm';
import { systemClock, type Clock } from '#kernel';
import { stopTracing } from '#tracing';
import type { Config } from './config.js';
import { CredentialAttempts } from './credential-attempts.js';
import { Database } from './database.js';
import { EventHandlers, OutboxDelivery, OutboxSink } from './events.js';
import type { DatabaseLogins } from './database-logins.js';
import { ExpiredRows } from './expired-rows.js';
import { HistoryPartitions } from './history-partitions.js';
import { InstallationKey, loadInstallationKey } from './installation-key.js';
import { LIVE_CHANNEL, LiveEvents } from './live-events.js';
import { LOGGER, type Logger } from './logger.js';
import { OutboundHttp } from './outbound-http.js';
import { Queues } from './queues.js';
import { RateLimits } from './rate-limits.js';
import { DEFAULT_RATES, type RateSettings } from './rate-limits.rules.js';
import { PostgresRateWindows, RedisRateWindows } from './rate-windows.store.js';
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
  /** Requests a minute; generous ones where nothing is said. */
  rates?: RateSettings;
  /** How many proxies to believe the client's address from, or which. */
  trustProxy?: number | string[] | undefined;
  /** Networks that URLs of tenants may lead to although they are private. */
  outboundAllow?: readonly string[];
  /** Where people reach the platform, without a slash at its end: for links. */
  publicUrl?: string;
  /** For tests and replay. */
  clock?: Clock;
}

/** Token of the address at which people reach the platform, without a slash at its end. */
export const PUBLIC_URL = Symbol('PUBLIC_URL');
const LOCAL_URL = 'http://localhost:3000';

/** Connections to Postgres of one process, the queues' not among them. */
export const POOL_SIZE = 12;
const EXPORTED = [
  CredentialAttempts,
  ExpiredRows,
  RateLimits,
  Database,
  Queues,
  EventHandlers,
  HistoryPartitions,
  InstallationKey,
  LiveEvents,
  LOGGER,
  Metrics,
  OutboundHttp,
  OutboxDelivery,
  PUBLIC_URL,
  WakeUps,
];

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
    rates: config.rates,
    trustProxy: config.trustProxy,
    outboundAllow: config.outboundAllow,
    publicUrl: config.publicUrl ?? `http://localhost:${config.port}`,
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
    @Inject(RateLimits) private readonly rateLimits: RateLimits,
    @Inject(OutboundHttp) private readonly outbound: OutboundHttp,
  ) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const { logger } = options;
    const metrics = new Metrics((error) => logger.warn({ err: error }, 'figures'));
    const queues = new Queues({ redisUrl: options.redisUrl, postgresUrl: options.queueUrl }, (error, kind) => {
      metrics.queueErrors.inc({ kind });
      logger.warn({ err: error }, 'queue');
    });
    const wakeUps = new WakeUps(options.queueUrl, (error) => logger.warn({ err: error }, 'wake-ups'));
    const handlers = new EventHandlers();
    const database = new Database({
      url: options.applicationUrl,
      entities: entitiesOfThisProcess(),
      poolSize: options.poolSize ?? POOL_SIZE,
      sinks: [new OutboxSink(handlers, queues, (orgId) => wakeUps.notify(LIVE_CHANNEL, orgId))],
      ...(options.clock && { clock: options.clock }),
      onAfterCommitError: (error) => logger.error({ err: error }, 'after a commit'),
    });
    watchConnections(metrics, database);
    const connected = { provide: Database, useFactory: async () => (await database.connect(), database) };
    return {
      module: PlatformModule,
      global: true,
      providers: [
        connected,
        { provide: Queues, useValue: queues },
        { provide: WakeUps, useValue: wakeUps },
        { provide: EventHandlers, useValue: handlers },
        { provide: InstallationKey, useValue: options.installationKey },
        { provide: LOGGER, useValue: logger },
        { provide: HistoryPartitions, useValue: new HistoryPartitions(options.ownerUrl) },
        { provide: Metrics, useValue: metrics },
        { provide: OutboundHttp, useValue: new OutboundHttp(options.outboundAllow ?? []) },
        { provide: PUBLIC_URL, useValue: options.publicUrl ?? LOCAL_URL },
        ...mannersOf(options, metrics),
        {
          provide: OutboxDelivery,
          useFactory: (db: Database) => new OutboxDelivery(db, handlers, metrics),
          inject: [Database],
        },
        { provide: LiveEvents, useFactory: (db: Database) => new LiveEvents(db), inject: [Database] },
      ],
      exports: EXPORTED,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.rateLimits.close();
    await this.outbound.close();
    await this.queues.close();
    await this.wakeUps.close();
    await this.database.close();
    await stopTracing();
  }
}

/** What keeps one client from taking what the others need. */
function mannersOf(options: PlatformOptions, metrics: Metrics): Provider[] {
  const { redisUrl, rates = DEFAULT_RATES, clock = systemClock, logger } = options;
  const refused = (): void => metrics.limited.inc({ class: 'credentials' });
  const limitsOf = (database: Database): RateLimits => {
    const windows = redisUrl === undefined ? new PostgresRateWindows(database) : new RedisRateWindows(redisUrl);
    return new RateLimits(windows, rates, clock, logger);
  };
  return [
    { provide: RateLimits, useFactory: limitsOf, inject: [Database] },
    { provide: CredentialAttempts, useValue: new CredentialAttempts(rates.badCredentialsPerMinute, refused) },
    { provide: ExpiredRows, useFactory: (database: Database) => new ExpiredRows(database), inject: [Database] },
  ];
}

function watchConnections(metrics: Metrics, database: Database): void {
  metrics.gauge(
    'database_connections',
    'Connections of this process to Postgres',
    () => {
      const { used, idle } = database.connections;
      return [
        { labels: { state: 'used' }, value: used },
        { labels: { state: 'idle' }, value: idle },
      ];
    },
    ['state'],
  );
  metrics.gauge('database_requests_waiting', 'Transactions that wait for a connection', () => [
    { value: database.connections.waiting },
  ]);
}

/** Every class that a loaded feature has decorated as an entity. */
function entitiesOfThisProcess(): (new () => object)[] {
  return getMetadataArgsStorage().tables.map((table) => table.target as new () => object);
}
