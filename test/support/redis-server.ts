import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '#testing';

const PROGRAM = 'redis-server';

/** A Redis of the test's own, that keeps nothing. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly folder: string,
  ) {}

  /** @returns whether there is a Redis to start; where everything has to be there (`CI=true`), its lack is an error */
  static isInstalled(): boolean {
    const found = spawnSync(PROGRAM, ['--version']).status === 0;
    if (!found && process.env['CI'] === 'true') throw new Error(`${PROGRAM} is missing: install Redis`);
    if (!found) process.stderr.write(`${PROGRAM} is missing: what needs Redis is skipped\n`);
    return found;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'bylaw-redis-')));
    await server.resume();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts again on the same port, after `pause`. */
  async resume(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.child = spawn(PROGRAM, [...args, '--dir', this.folder], { stdio: 'ignore' });
    await eventually(() => this.ask((client) => client.ping()), 'Redis to answer');
  }

  /** Ends it as a crash does: what it held is gone. */
  async pause(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  }

  /** Forgets everything. */
  async flush(): Promise<void> {
    await this.ask((client) => client.flushall());
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask<Answer>(question: (client: Redis) => Promise<Answer>): Promise<Answer> {
    const once = { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null, disconnectTimeout: 0 };
    const client = new Redis(this.url, once);
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  }
}

/** Free when it was asked for: nobody else is given it at once. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
