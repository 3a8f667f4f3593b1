import {
  createPostgresBackend,
  Queue,
  RedisConnection,
  SchemaMigrationRequiredError,
  SchemaVersionMismatchError,
  type ConnectionOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import { placeOf, reasonOf, UnreachableError } from './inspection.js';
import { postgresConnection } from './queues.js';

/** What Redis says of itself. */
export interface RedisFacts {
  version: string;
  /** `master`, or `slave`: takes no writes. */
  role: string;
  /** What it does when its memory is full. */
  evictionPolicy: string;
  /** Bytes; 0: as much as there is. */
  maxMemory: number;
  /** Bytes. */
  usedMemory: number;
  /** Whether anything outlives it. */
  persistent: boolean;
}

/** The wake-ups of one queue. */
export interface QueueFacts {
  queue: string;
  waiting: number;
  active: number;
  /** In the last minute: they are not kept for longer. */
  failed: number;
  /** When the oldest that waits was added. */
  oldestWaiting: Date | undefined;
}

/** The queue's tables are not there, or a newer version made them; `message` says which. */
export class QueueSchemaError extends Error {}

/** The oldest versions of Redis that BullMQ takes, and takes gladly. */
export const REDIS_VERSIONS = {
  minimum: RedisConnection.minimumVersion,
  recommended: RedisConnection.recommendedMinimumVersion,
};

/** One connection to Redis that looks on. */
export class RedisInspection {
  private constructor(private readonly client: Redis) {}

  /**
   * Connects, does the work and ends the connection.
   * @param url of Redis
   * @param limitMs for connecting and for each command, milliseconds
   * @param work what to look at
   * @throws UnreachableError where it doesn't answer or doesn't let us in, and whatever `work` throws
   */
  static async of<Result>(
    url: string,
    limitMs: number,
    work: (inspection: RedisInspection) => Promise<Result>,
  ): Promise<Result> {
    const client = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      retryStrategy: () => null,
      connectTimeout: limitMs,
      commandTimeout: limitMs,
      disconnectTimeout: 0,
      connectionName: 'bylaw-doctor',
    });
    let lost: unknown;
    client.on('error', (error) => (lost ??= error));
    try {
      try {
        await client.connect();
        await client.ping();
      } catch (error) {
        // The client says that the connection is closed; what it was told before says why.
        throw new UnreachableError(`${placeOf(url)}: ${reasonOf(lost ?? error)}`, { cause: error });
      }
      return await work(new RedisInspection(client));
    } finally {
      client.disconnect();
    }
  }

  async facts(): Promise<RedisFacts> {
    const text = await this.client.info();
    const told = new Map(text.split(/\r?\n/).map((line) => line.split(/:(.*)/s).slice(0, 2) as [string, string]));
    const of = (name: string): string => told.get(name) ?? '';
    const saves = await this.client.config('GET', 'save').catch(() => []);
    return {
      version: of('redis_version'),
      role: of('role'),
      evictionPolicy: of('maxmemory_policy'),
      maxMemory: Number(of('maxmemory')),
      usedMemory: Number(of('used_memory')),
      persistent: of('aof_enabled') === '1' || ((saves as string[])[1] ?? '') !== '',
    };
  }

  /** @returns its clock, milliseconds since 1970 */
  async time(): Promise<number> {
    const [seconds, micros] = await this.client.time();
    return Number(seconds) * 1_000 + Number(micros) / 1_000;
  }

  /** @param name of a queue */
  async queue(name: string): Promise<QueueFacts> {
    const connection = this.client as ConnectionOptions;
    // Versions and what Redis does with its memory are judged here, and in words of ours.
    return readQueue(new Queue(name, { connection, skipMetasUpdate: true, skipVersionCheck: true }));
  }
}

/**
 * @param url the queue's login on Postgres
 * @param names of queues
 * @param limitMs for connecting and for each statement, milliseconds
 * @throws QueueSchemaError
 */
export async function readPostgresQueues(
  url: string,
  names: readonly string[],
  limitMs: number,
): Promise<QueueFacts[]> {
  const connection = {
    ...postgresConnection(url, false),
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
    options: '-c default_transaction_read_only=on',
  };
  const looks = names.map((name) =>
    readQueue(new Queue(name, { connection, skipMetasUpdate: true }, createPostgresBackend as never)),
  );
  try {
    return await Promise.all(looks);
  } catch (error) {
    const ofSchema = [SchemaMigrationRequiredError, SchemaVersionMismatchError].some((kind) => error instanceof kind);
    throw ofSchema ? new QueueSchemaError((error as Error).message, { cause: error }) : error;
  }
}

async function readQueue(queue: Queue): Promise<QueueFacts> {
  // What goes wrong is told to whoever waits for an answer.
  queue.on('error', () => undefined);
  try {
    const { waiting = 0, active = 0, failed = 0 } = await queue.getJobCounts('waiting', 'active', 'failed');
    const [oldest] = await queue.getJobs(['waiting'], 0, 0, true);
    return {
      queue: queue.name,
      waiting,
      active,
      failed,
      oldestWaiting: oldest === undefined ? undefined : new Date(oldest.timestamp),
    };
  } finally {
    await queue.close();
  }
}
