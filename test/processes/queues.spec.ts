import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type QueueBackend, type QueueName, Queues } from '#platform';
import { eventually, TestDatabase } from '#testing';
import { RedisServer } from '../support/redis-server.js';

interface Job {
  org_id: string;
}

/** Where wake-ups go, for the time of the suite. */
interface Store {
  backend(): QueueBackend;
  start(): Promise<void>;
  stop(): Promise<void>;
}

class PostgresStore implements Store {
  private database: TestDatabase | undefined;

  backend(): QueueBackend {
    return { postgresUrl: this.database?.logins.queueUrl ?? '' };
  }

  async start(): Promise<void> {
    this.database = await TestDatabase.create();
  }

  async stop(): Promise<void> {
    await this.database?.drop();
  }
}

class RedisStore implements Store {
  server: RedisServer | undefined;

  backend(): QueueBackend {
    return { redisUrl: this.server?.url ?? '', postgresUrl: '' };
  }

  async start(): Promise<void> {
    this.server = await RedisServer.start();
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }
}

const stores: [string, Store][] = [['Postgres', new PostgresStore()]];
if (RedisServer.isInstalled()) stores.push(['Redis', new RedisStore()]);

describe.each(stores)('wake-ups over %s', (_name, store) => {
  const opened: Queues[] = [];
  const errors: Error[] = [];
  beforeAll(() => store.start(), 30_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queues) => queues.close()));
    errors.length = 0;
  });
  afterAll(() => store.stop());

  const queues = (): Queues => {
    const made = new Queues(store.backend(), (error) => errors.push(error));
    opened.push(made);
    return made;
  };
  const aQueue = (once?: QueueName<Job>['once']): QueueName<Job> => ({
    name: `test-${randomBytes(4).toString('hex')}`,
    ...(once && { once }),
  });

  it('reach one of those who serve, each once', async () => {
    const queue = aQueue();
    const seen: string[][] = [[], []];
    for (const mine of seen) queues().serve(queue, 2, async ({ org_id: id }) => void mine.push(id));
    const sender = queues();
    const ids = Array.from({ length: 40 }, (_, n) => `org-${n}`);
    for (const id of ids) sender.wake(queue, { org_id: id });
    await eventually(async () => seen.flat().length >= ids.length, 'all jobs');
    expect(seen.flat().sort()).toEqual([...ids].sort());
  }, 30_000);

  it('of one kind are one while they wait, and one more where they come in the middle of it', async () => {
    const queue = aQueue(({ org_id: id }) => id);
    const sender = queues();
    for (let n = 0; n < 20; n++) sender.wake(queue, { org_id: 'busy' });
    sender.wake(queue, { org_id: 'quiet' });
    const seen: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await eventually(async () => (await sender.waiting(queue)) === 2, 'two jobs to wait');
    queues().serve(queue, 1, async ({ org_id: id }) => {
      seen.push(id);
      if (seen.length === 1) await held;
    });
    await eventually(async () => seen.length === 1, 'the first to be at work');
    for (let n = 0; n < 5; n++) sender.wake(queue, { org_id: seen[0] ?? '' });
    await sender.sent();
    release();
    await eventually(async () => seen.length >= 3, 'the one that came in the middle');
    expect(seen.filter((id) => id === 'busy').length + seen.filter((id) => id === 'quiet').length).toBe(3);
  }, 30_000);

  it('that come while one is on its way are not lost in it: each leads to the next', async () => {
    const queue = aQueue(({ org_id: id }) => id);
    const sender = queues();
    let seen = 0;
    queues().serve(queue, 1, async () => {
      // Whoever sent the one that is here may not have heard yet that it went out.
      if (++seen < 200) sender.wake(queue, { org_id: 'busy' });
    });
    sender.wake(queue, { org_id: 'busy' });
    await eventually(async () => seen >= 200, 'the last of them');
  }, 30_000);

  it('that fail are reported, and not tried again: the ledger knows what is left', async () => {
    const queue = aQueue();
    const seen: string[] = [];
    queues().serve(queue, 1, async ({ org_id: id }) => {
      seen.push(id);
      if (id === 'bad') throw new Error('broken on purpose');
    });
    const sender = queues();
    for (const id of ['bad', 'good']) sender.wake(queue, { org_id: id });
    await eventually(async () => seen.includes('good'), 'the job after it');
    await eventually(async () => errors.some(({ message }) => message === 'broken on purpose'), 'the report');
    expect(seen).toEqual(['bad', 'good']);
  }, 30_000);

  it('are finished before their process ends, and no further one is begun', async () => {
    const queue = aQueue();
    const [sender, server] = [queues(), queues()];
    const seen: string[] = [];
    let release: (() => void) | undefined;
    server.serve(queue, 1, async ({ org_id: id }) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      seen.push(id);
    });
    for (const id of ['one', 'two']) sender.wake(queue, { org_id: id });
    await eventually(
      async () => release !== undefined && (await sender.waiting(queue)) === 1,
      'the first to be at work',
    );
    const stopped = server.stopServing();
    release?.();
    await stopped;
    expect(seen).toEqual(['one']);
    const next: string[] = [];
    queues().serve(queue, 1, async ({ org_id: id }) => void next.push(id));
    await eventually(async () => next.length === 1, 'another to take the second');
    expect(next).toEqual(['two']);
  }, 30_000);
});
