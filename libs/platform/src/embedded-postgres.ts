import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { findPostgresBinaries } from './embedded-postgres.binaries.js';
import { EMBEDDED_SUPERUSER, PASSWORD_FILE, superuserUrlOf } from './embedded-postgres.find.js';
import { chownTree, chooseHome, type PostgresHome } from './embedded-postgres.home.js';
import { claimDataDir, releaseDataDir, stopOrphan } from './embedded-postgres.lock.js';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const PORTS_TRIED = 3;
/** Of a server that was killed, its connections' processes end a moment later, and hold its memory until then. */
const PREDECESSOR_IS_ENDING = /shared memory block .* is still in use/i;
const PREDECESSOR_ENDS_WITHIN_MS = 20_000;
const PREDECESSOR_LOOK_MS = 200;

export interface EmbeddedPostgresOptions {
  /** Absolute path; the cluster lies in `postgres/` below it, or in a state folder where that can't be reached. */
  dataDir: string;
  /** False for throw-away clusters of tests: a crash of the machine may lose data, a crash of the process not. */
  durable?: boolean;
  /** TCP port on loopback; any free one unless given. */
  port?: number;
  /** Folder with `bin/postgres`; that of npm's binaries unless given. */
  binaries?: string;
  /** Told in words what is going on, for people who wait. */
  onProgress?: (message: string) => void;
}

/** A real Postgres server from npm's binaries, run as a child of this process on loopback. */
export class EmbeddedPostgres {
  private stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly home: PostgresHome,
    /** Superuser's connection to the database `postgres`: only to make roles and databases. */
    readonly superuserUrl: string,
  ) {}

  /**
   * Starts the server, making its cluster first where there is none; an orphan of a killed process is ended first.
   * @returns once it takes connections
   * @throws EmbeddedPostgresError where it can't run here, with the way out
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    const home = chooseHome(options.dataDir, options.binaries ?? findPostgresBinaries());
    if (home.notice !== undefined) options.onProgress?.(home.notice);
    claimDataDir(home.stateDir);
    await stopOrphan(home.clusterDir);
    const password = ensurePassword(home);
    if (!existsSync(join(home.clusterDir, 'PG_VERSION'))) {
      options.onProgress?.('Making the database cluster (once)');
      await initialise(home, password);
    }
    const deadline = Date.now() + PREDECESSOR_ENDS_WITHIN_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        const { child, url } = await launch(home, password, options);
        return new EmbeddedPostgres(child, home, url);
      } catch (error) {
        const reason = error instanceof EmbeddedPostgresError ? error.message : '';
        if (/address already in use/i.test(reason) && attempt < PORTS_TRIED) continue;
        if (PREDECESSOR_IS_ENDING.test(reason) && Date.now() < deadline) {
          options.onProgress?.('Waiting for what is left of a killed server to end');
          await delay(PREDECESSOR_LOOK_MS);
          continue;
        }
        releaseDataDir(home.stateDir);
        throw error;
      }
    }
  }

  /** Process id of the server, so that tests can end it as a fault would. */
  get pid(): number {
    return this.child.pid ?? -1;
  }

  /**
   * Rejects where the server ends though nobody asked it to.
   * @throws EmbeddedPostgresError with the way out
   */
  get lost(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.child.once('exit', (code, signal) => {
        if (this.stopping) return;
        reject(
          new EmbeddedPostgresError(
            `The embedded Postgres ended by itself (${signal ?? `exit code ${code}`}). Start again: what was committed is there.`,
          ),
        );
      });
    });
  }

  /** Whether it runs no more, for whatever reason. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Ends the server: open transactions are rolled back, what is committed stays. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (!this.hasEnded) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGINT');
      const timer = setTimeout(() => this.child.kill('SIGQUIT'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    }
    releaseDataDir(this.home.stateDir);
  }
}

function ensurePassword(home: PostgresHome): string {
  const file = join(home.stateDir, PASSWORD_FILE);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

async function initialise(home: PostgresHome, password: string): Promise<void> {
  // A cluster half made by a killed initdb has no PG_VERSION or no control file: it holds nothing, so it goes.
  rmSync(home.clusterDir, { recursive: true, force: true });
  mkdirSync(home.clusterDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(home.stateDir, 'initdb.password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  chownTree(home, home.clusterDir);
  chownTree(home, passwordFile);
  try {
    const { code, output } = await runToEnd(home, 'initdb', [
      `--pgdata=${home.clusterDir}`,
      `--username=${EMBEDDED_SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    if (code !== 0) throw new EmbeddedPostgresError(explain(`initdb ended with ${code}`, output));
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function runToEnd(home: PostgresHome, binary: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(home.binDir, binary), args, {
      ...home.identity,
      cwd: home.clusterDir,
      env: home.environment,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => reject(new EmbeddedPostgresError(explain(error.message, output), { cause: error })));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

async function launch(
  home: PostgresHome,
  password: string,
  { durable = true, port: wanted }: EmbeddedPostgresOptions,
): Promise<{ child: ChildProcess; url: string }> {
  const port = wanted ?? (await freePort());
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    checkpoint_completion_target: 0.9,
    random_page_cost: 1.1,
    jit: 'off',
    log_min_messages: 'warning',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // Its own process group: Ctrl-C in the terminal reaches us alone, and we end it after our last query.
  const child = spawn(join(home.binDir, 'postgres'), ['-D', home.clusterDir, ...flags], {
    ...home.identity,
    cwd: home.clusterDir,
    env: home.environment,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = tail(child);
  const url = superuserUrlOf(password, port);
  await untilReady(child, url, log);
  return { child, url };
}

/** Keeps the last lines of the server's log, to be able to say why it did not start. */
function tail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-8_000)));
  return () => text;
}

async function untilReady(child: ChildProcess, url: string, log: () => string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (failure !== undefined) throw new EmbeddedPostgresError(explain(failure.message, log()), { cause: failure });
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new EmbeddedPostgresError(explain(`postgres ended with ${child.exitCode ?? child.signalCode}`, log()));
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        child.kill('SIGQUIT');
        throw new EmbeddedPostgresError(explain(`not ready after ${READY_WITHIN_MS / 1000} s`, log()), {
          cause: error,
        });
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    await delay(50);
  }
}

function explain(what: string, log: string): string {
  return (
    `The embedded Postgres could not be started: ${what}.\n${log.trim()}\n` +
    'Free the folder or the disk it names, set BYLAW_DATA_DIR to another folder, or set DATABASE_URL to a Postgres 15 or newer of your own.'
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
