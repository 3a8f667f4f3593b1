import { afterEach, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { EmbeddedPostgres } from './embedded-postgres.js';

const folders: string[] = [];
const running: EmbeddedPostgres[] = [];

const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'bylaw-pg-'));
  folders.push(folder);
  return folder;
};
const start = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const server = await EmbeddedPostgres.start({ dataDir, durable: false });
  running.push(server);
  return server;
};
const ask = async (server: EmbeddedPostgres, sql: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(sql)).rows[0]?.answer;
  } finally {
    await client.end();
  }
};

describe('the embedded Postgres', () => {
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what was written over a stop, and over a kill -9 of the server', async () => {
    const dataDir = aFolder();
    let server = await start(dataDir);
    await ask(server, 'create table kept as select 42 as answer');
    await server.stop();
    server = await start(dataDir);
    expect(await ask(server, 'select answer from kept')).toBe(42);
    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    expect(await ask(await start(dataDir), 'select answer from kept')).toBe(42);
  });

  it('waits for what a killed server left: its connections’ processes end later than itself', async () => {
    const dataDir = aFolder();
    const killed = await start(dataDir);
    const client = new pg.Client({ connectionString: killed.superuserUrl });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = rows[0]?.pid ?? 0;
    process.kill(backend, 'SIGSTOP');
    process.kill(killed.pid, 'SIGKILL');
    await killed.stop();
    const said: string[] = [];
    const next = await EmbeddedPostgres.start({
      dataDir,
      durable: false,
      onProgress: (message) => {
        if (message.startsWith('Waiting') && said.push(message) === 1) process.kill(backend, 'SIGCONT');
      },
    });
    running.push(next);
    expect(await ask(next, 'select 1 as answer')).toBe(1);
    expect(said.length).toBeGreaterThan(0);
  });

  it('starts again after a kill -9 of the process that started it: the orphan is ended first', async () => {
    const dataDir = aFolder();
    const parent: ChildProcess = fork(new URL('./testdata/postgres-holder.js', import.meta.url), [dataDir]);
    const [{ pid }] = (await once(parent, 'message')) as [{ pid: number }];
    const exited = once(parent, 'exit');
    parent.kill('SIGKILL');
    await exited;
    expect(() => process.kill(pid, 0)).not.toThrow();
    const server = await start(dataDir);
    expect(await ask(server, 'select 1 as answer')).toBe(1);
    expect(server.pid).not.toBe(pid);
    expect(readFileSync(join(dataDir, 'bylaw.pid'), 'utf8').trim()).toBe(String(process.pid));
  });

  it('is refused a folder that a living process holds, with the way out', async () => {
    const dataDir = aFolder();
    const holder = fork(new URL('./testdata/postgres-holder.js', import.meta.url), [dataDir]);
    await once(holder, 'message');
    try {
      const second = EmbeddedPostgres.start({ dataDir });
      await expect(second).rejects.toThrow(EmbeddedPostgresError);
      await expect(second).rejects.toThrow(/BYLAW_DATA_DIR/);
    } finally {
      const exited = once(holder, 'exit');
      holder.kill('SIGTERM');
      await exited;
    }
    await start(dataDir);
  });

  it('takes no notice of a lock whose process is gone or is another program’s', async () => {
    const dataDir = aFolder();
    await (await start(dataDir)).stop();
    writeFileSync(join(dataDir, 'bylaw.pid'), '999999\n');
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${process.pid}\n/elsewhere\n`);
    expect(await ask(await start(dataDir), 'select 1 as answer')).toBe(1);
  });

  it('begins anew where its first start was cut short', async () => {
    const dataDir = aFolder();
    await (await start(dataDir)).stop();
    rmSync(join(dataDir, 'postgres', 'PG_VERSION'));
    expect(await ask(await start(dataDir), 'select 1 as answer')).toBe(1);
    expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true);
  });
});
