import { createPostgresBackend, Queue, Worker, type ConnectionOptions, type JobsOptions, type Processor } from 'bullmq';
import pg from 'pg';
import { loginOf, type DatabaseLogins } from './database-logins.js';

const SCHEMA = 'bullmq';
const KEEP_FINISHED_SECONDS = 60;
/** Connections to Postgres of one queue, and of one worker, which listens by one more. */
export const QUEUE_CONNECTIONS = 4;

/** BullMQ is the wake-up, the ledger in Postgres the queue (J2): jobs hold identities only, and may be lost or come twice. */
export interface QueueBackend {
  /** Redis where given, else Postgres. */
  redisUrl?: string | undefined;
  /** The queue's own login on Postgres. */
  postgresUrl: string;
}

/** Where something went wrong: a job was not done, a wake-up not sent, or a connection was lost. */
export type QueueErrorKind = 'job' | 'wake' | 'connection';

/** A name and what its jobs carry. */
export interface QueueName<Data> {
  readonly name: string;
  /** Jobs with the same answer are one while they wait: who is woken looks for everything that there is. */
  readonly once?: (data: Data) => string;
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
  private readonly sending = new Set<Promise<unknown>>();
  /** Wake-ups that are one while they wait and are on their way, and whether one more was asked for meanwhile. */
  private readonly onTheWay = new Map<string, boolean>();

  /**
   * @param backend Redis or Postgres
   * @param onError what BullMQ reports of its connections; it recovers by itself
   */
  constructor(
    private readonly backend: QueueBackend,
    private readonly onError: (error: Error, kind: QueueErrorKind) => void,
  ) {}

  /**
   * Wakes whoever serves the queue. Lost jobs are found again in Postgres, so a failure is reported and not thrown.
   * @param queue which
   * @param data identities only
   */
  wake<Data extends object>(queue: QueueName<Data>, data: Data): void {
    const id = queue.once?.(data);
    const key = `${queue.name} ${id}`;
    const isSending = id !== undefined && this.onTheWay.has(key);
    // Who is woken by the one that is on its way may look too early: one more follows it, for all that came meanwhile.
    if (id !== undefined) this.onTheWay.set(key, isSending);
    if (isSending) return;
    const sent = (id === undefined ? this.send(queue, data, {}) : this.sendOnce(queue, data, id, key)).finally(() =>
      this.sending.delete(sent),
    );
    this.sending.add(sent);
  }

  /**
   * Serves a queue in this process.
   * @param queue which
   * @param concurrency how many jobs at a time
   * @param handle does the job; what it throws is reported, never retried by BullMQ
   */
  serve<Data extends object>(queue: QueueName<Data>, concurrency: number, handle: (data: Data) => Promise<void>): void {
    const processor: Processor = async (job) => handle(job.data as Data);
    const worker = new Worker(
      queue.name,
      processor,
      { connection: this.connection(null), concurrency },
      this.factory(),
    );
    worker.on('error', (error) => this.onError(error, 'connection'));
    worker.on('failed', (_job, error) => this.onError(error, 'job'));
    this.workers.push(worker);
  }

  /** @returns how many wake-ups of a queue wait for somebody */
  async waiting(queue: QueueName<never>): Promise<number> {
    return this.queueOf(queue.name).getWaitingCount();
  }

  /** Returns when every wake-up so far was sent, or reported as not. */
  async sent(): Promise<void> {
    await Promise.all(this.sending);
  }

  /** Takes no further job; returns when those at work are done. */
  async stopServing(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  /** Ends workers after their present jobs, then the connections. */
  async close(): Promise<void> {
    await this.stopServing();
    await this.sent();
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  private async sendOnce<Data extends object>(
    queue: QueueName<Data>,
    data: Data,
    id: string,
    key: string,
  ): Promise<void> {
    do {
      this.onTheWay.set(key, false);
      await this.send(queue, data, { deduplication: { id, keepLastIfActive: true } });
    } while (this.onTheWay.get(key) === true);
    this.onTheWay.delete(key);
  }

  private async send<Data extends object>({ name }: QueueName<Data>, data: Data, options: JobsOptions): Promise<void> {
    try {
      await this.queueOf(name).add(name, data, options);
    } catch (error) {
      this.onError(error instanceof Error ? error : new Error(String(error)), 'wake');
    }
  }

  private queueOf(name: string): Queue {
    const present = this.queues.get(name);
    if (present !== undefined) return present;
    const keep = { age: KEEP_FINISHED_SECONDS };
    const queue = new Queue(
      name,
      {
        connection: this.connection(1),
        defaultJobOptions: { removeOnComplete: keep, removeOnFail: keep, attempts: 1 },
      },
      this.factory(),
    );
    queue.on('error', (error) => this.onError(error, 'connection'));
    this.queues.set(name, queue);
    return queue;
  }

  /**
   * @param retries of one request to Redis: who waits for jobs does so for ever; a wake-up that can't be sent is reported at
   *   once, and its work found by those who look by themselves
   */
  private connection(retries: number | null): ConnectionOptions {
    const { redisUrl, postgresUrl } = this.backend;
    if (redisUrl === undefined) return postgresConnection(postgresUrl, false);
    return { url: redisUrl, maxRetriesPerRequest: retries } as ConnectionOptions;
  }

  /** BullMQ's own is Redis. Its types tell factories apart by their connection, which is decided while running. */
  private factory(): undefined {
    return (this.backend.redisUrl === undefined ? createPostgresBackend : undefined) as undefined;
  }
}

/** @returns how BullMQ reaches Postgres */
export function postgresConnection(url: string, migrate: boolean): ConnectionOptions {
  return {
    connectionString: url,
    schema: SCHEMA,
    max: QUEUE_CONNECTIONS,
    migrate,
    application_name: 'bylaw-queues',
  } as unknown as ConnectionOptions;
}
