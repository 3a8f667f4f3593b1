import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '#testing';
import { ExportReader } from '../support/export-reader.js';
import { fillViolations } from '../support/many-violations.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

/** Far more than the sockets between client and server hold. */
const ROWS = 30_000;

describe('an export of much', () => {
  let platform: TestPlatform;
  let observer: pg.Client;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const { clusterId } = await TestAgent.enroll(platform, platform.owner, 'one');
    await fillViolations(platform, clusterId, ROWS);
    observer = new pg.Client({ connectionString: superuser(platform) });
    await observer.connect();
  });
  afterAll(async () => {
    await observer.end();
    await platform.stop();
  });

  const open = (path = 'violations.jsonl'): Promise<ExportReader> => ExportReader.open(platform, path);
  /** As soon as those before have ended. */
  const openNext = (path: string): Promise<ExportReader> =>
    eventually(async () => {
      const next = await open(path);
      if (next.status === 200) return next;
      next.leave();
      return false;
    }, 'a free place');
  /** Backends that read for an export, by what they do. */
  const exporting = async (): Promise<{ pid: number; state: string }[]> => {
    const { rows } = await observer.query<{ pid: number; state: string }>(
      `select pid, state from pg_stat_activity where datname = current_database() and query like 'fetch%' and state <> 'idle'`,
    );
    return rows;
  };
  const noneLeft = (): Promise<boolean> =>
    eventually(async () => (await exporting()).length === 0, 'every export to have let go of Postgres');
  const served = async (): Promise<void> =>
    expect((await platform.owner.get('/api/v1/violations?limit=1')).status).toBe(200);

  it('is whole, each row once', async () => {
    const { body } = await platform.owner.get('/api/v1/exports/violations.jsonl');
    const ids = String(body)
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect([ids.length, new Set(ids).size]).toEqual([ROWS, ROWS]);
    await noneLeft();
  });

  it('waits for a client that takes its time, and holds the rest back in Postgres', async () => {
    const reader = await open();
    await eventually(async () => (await exporting())[0]?.state === 'idle in transaction', 'the export to wait');
    await served();
    expect(await exporting()).toHaveLength(1);
    expect(await reader.takeAll()).toBeGreaterThan(ROWS * 500);
    await noneLeft();
  });

  it('ends with its client: thirty that went away leave every connection free', async () => {
    for (let i = 0; i < 30; i++) {
      const reader = await openNext(i % 2 === 0 ? 'violations.csv' : 'violations.json?history=true');
      reader.leave();
    }
    await noneLeft();
    await Promise.all(Array.from({ length: 20 }, served));
  });

  it('that fails in the middle never looks whole', async () => {
    for (const path of ['violations.csv', 'violations.jsonl', 'violations.json']) {
      const reader = await openNext(path);
      const [backend] = await eventually(async () => {
        const found = await exporting();
        return found.length === 1 && found;
      }, 'the export to be in the middle');
      await observer.query('select pg_terminate_backend($1)', [backend?.pid]);
      await expect(reader.takeAll()).rejects.toThrow(/aborted/);
    }
    await noneLeft();
    await served();
  });

  it('is refused where two of the organization’s run already, and not to others', async () => {
    const stranger = await platform.stranger();
    const running = [await open(), await open('violations.csv')];
    const refused = await platform.owner.get('/api/v1/exports/violations.json');
    expect([refused.status, (refused.body as { code: string }).code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('content-disposition')).toBeNull();
    expect((await stranger.get('/api/v1/exports/violations.json')).body).toEqual([]);
    for (const reader of running) reader.leave();
    await (await openNext('audit-log.csv')).takeAll();
    await noneLeft();
  });

  it('does not keep the platform from stopping', async () => {
    const other = await TestPlatform.start();
    const { clusterId } = await TestAgent.enroll(other, other.owner, 'one');
    await fillViolations(other, clusterId, ROWS);
    const reader = await ExportReader.open(other, 'violations.jsonl');
    await other.stop();
    await expect(reader.takeAll()).rejects.toThrow(/aborted/);
  });
});

/** Sees what every login does. */
function superuser({ database }: TestPlatform): string {
  const { pathname } = new URL(database.logins.applicationUrl);
  return Object.assign(new URL(database.superuserUrl), { pathname }).toString();
}
