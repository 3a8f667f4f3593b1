import {
  createPostgresBackend,
  Queue,
  setDefaultBackendFactory,
  Worker,
  type ConnectionOptions,
  type Processor,
} from 'bullmq';
import pg from 'pg';
import { loginOf, type DatabaseLogins } from './database-logins.js';

const SCHEMA = 'bullmq';
const KEEP_FINISHED_SECONDS = 60;

/** BullMQ is the wake-up, the ledger in Postgres the queue (J2): jobs hold identities only, and may be lost or come twice. */
export interface QueueBackend {
  /** Redis where given, else Postgres. */
  redisUrl?: string | undefined;
  /** The queue's own login on Postgres. */
  postgresUrl: string;
}

/** A name and what its jobs carry. */
export interface QueueName<Data> {
  readonly name: string;
  /** Only for the type. */
  readonly data?: Data;
}

/**
 * Makes BullMQ's tables as the owner and lets the queue's login use them; workers skip this (T5).
 * @param logins owner and queue
 */
export async function migrateQueues(logins: DatabaseLogins): Promise<void> {
  const queue = new Queue(
    'migrate',
    { connection: postgresConnection(logins.ownerUrl, true) },
    createPostgresBackend as never,
  );
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
  const role = pg.escapeIdentifier(loginOf(logins.queueUrl));
  const owner = new pg.Client({ connectionString: logins.ownerUrl });
  await owner.connect();
  try {
    // BullMQ makes one sequence per queue when its first job comes: the queue's login may, and owns those.
    await owner.query(`
      grant usage, create on schema ${SCHEMA} to ${role};
      grant select, insert, update, delete on all tables in schema ${SCHEMA} to ${role};
      grant execute on all routines in schema ${SCHEMA} to ${role};
    `);
    const { rows } = await owner.query<{ name: string }>(
      `select format('%I.%I', schemaname, sequencename) as name from pg_sequences where schemaname = '${SCHEMA}' and sequenceowner = current_user`,
    );
    for (const { name } of rows) await owner.query(`grant usage, select on sequence ${name} to ${role}`);
  } finally {
    await owner.end();
  }
}

/** Every queue and worker of this process, on one backend. */
export class Queues {
  private readonly queues = new Map<string, Queue>();
  private readonly workers: Worker[] = [];

  /**
   * @param backend Redis or Postgres
   * @param onError what BullMQ reports of its connections; it recovers by itself
   */
  constructor(
    private readonly backend: QueueBackend,
    private readonly onError: (error: Error) => void,
  ) {
    setDefaultBackendFactory(backend.redisUrl === undefined ? (createPostgresBackend as never) : undefined);
  }

  /**
   * Wakes whoever serves the queue. Lost jobs are found again in Postgres, so a failure is reported and not thrown.
   * @param queue which
   * @param data identities only
   */
  wake<Data extends object>(queue: QueueName<Data>, data: Data): void {
    this.queueOf(queue.name)
      .add(queue.name, data)
      .catch((error: unknown) => this.onError(error instanceof Error ? error : new Error(String(error))));
  }

  /**
   * Serves a queue in this process.
   * @param queue which
   * @param concurrency how many jobs at a time
   * @param handle does the job; what it throws is reported, never retried by BullMQ
   */
  serve<Data extends object>(queue: QueueName<Data>, concurrency: number, handle: (data: Data) => Promise<void>): void {
    const processor: Processor = async (job) => handle(job.data as Data);
    const worker = new Worker(queue.name, processor, { connection: this.connection(), concurrency });
    worker.on('error', this.onError);
    worker.on('failed', (_job, error) => this.onError(error));
    this.workers.push(worker);
  }

  /** Takes no further job; returns when those at work are done. */
  async stopServing(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  /** Ends workers after their present jobs, then the connections. */
  async close(): Promise<void> {
    await this.stopServing();
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  private queueOf(name: string): Queue {
    const present = this.queues.get(name);
    if (present !== undefined) return present;
    const keep = { age: KEEP_FINISHED_SECONDS };
    const queue = new Queue(name, {
      connection: this.connection(),
      defaultJobOptions: { removeOnComplete: keep, removeOnFail: keep, attempts: 1 },
    });
    queue.on('error', this.onError);
    this.queues.set(name, queue);
    return queue;
  }

  private connection(): ConnectionOptions {
    const { redisUrl, postgresUrl } = this.backend;
    return redisUrl === undefined
      ? postgresConnection(postgresUrl, false)
      : ({ url: redisUrl, maxRetriesPerRequest: null } as ConnectionOptions);
  }
}

function postgresConnection(url: string, migrate: boolean): ConnectionOptions {
  return {
    connectionString: url,
    schema: SCHEMA,
    max: 4,
    migrate,
    application_name: 'bylaw-queues',
  } as unknown as ConnectionOptions;
}
