import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { eventually } from '#testing';
import { FaultyCluster } from '../support/faulty-cluster.js';
import { changeAll, dealt, manyObjects, mulberry32, withImage } from '../support/random-changes.js';
import { isAlive, StandaloneFolder, type StandaloneProcess } from '../support/standalone-process.js';

const OBJECTS = 300;
const KILLS_A_ROUND = 3;
/** The short form of `npm test`; `npm run test:faults` sets more. */
const KILLS = Number(process.env['BYLAW_FAULTS_KILLS'] ?? 6);
const ROUNDS = Math.ceil(KILLS / KILLS_A_ROUND);
const SEED = Number(process.env['BYLAW_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Longer than a change takes from the file to its verdict. */
const MOMENTS_MS = 900;
/** A dead worker's run is taken over when its lease ends; a kill may come in the middle of that again. */
const SETTLED_WITHIN_MS = 45_000;

describe('whatever is killed, nothing is lost and nothing counts twice', () => {
  const random = mulberry32(SEED);
  let folder: StandaloneFolder;
  let cluster: FaultyCluster;
  let platform: StandaloneProcess;

  const start = async (): Promise<void> => {
    platform = folder.start({ args: ['--manifests', cluster.manifests] });
    await platform.url();
  };
  /** The seed stands in the difference, to have the same faults again. */
  const settled = async (): Promise<void> => {
    cluster.judge();
    const expected = cluster.expected();
    await eventually(
      async () => isDeepStrictEqual(await cluster.seen(), expected),
      'the model’s state',
      SETTLED_WITHIN_MS,
    ).catch(() => undefined);
    expect({ seed: SEED, ...(await cluster.seen()) }).toEqual({ seed: SEED, ...cluster.expected() });
  };

  beforeAll(async () => {
    folder = new StandaloneFolder();
    cluster = new FaultyCluster(folder, 'shop');
    for (const object of manyObjects(OBJECTS)) if (random() < 0.8) cluster.put(withImage(object, random));
    await start();
    await settled();
  }, 120_000);
  afterAll(() => folder.remove(), 60_000);

  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    'the platform, in the middle of runs (round %i)',
    async () => {
      const parts = dealt(manyObjects(OBJECTS), KILLS_A_ROUND + 1, random);
      for (const [index, part] of parts.entries()) {
        // The first changes are on their way or being written when it dies, the last ones come while it is down.
        const changed = part.slice(0, Math.ceil(part.length / 2));
        if (index === 0) await killWhileWriting(() => changeAll(cluster, changed, random));
        else if (index < KILLS_A_ROUND) {
          changeAll(cluster, changed, random);
          await delay(random() * MOMENTS_MS);
          await platform.kill();
        } else changeAll(cluster, changed, random);
        changeAll(cluster, part.slice(changed.length), random);
        if (index < KILLS_A_ROUND) await start();
      }
      await settled();
    },
    180_000,
  );

  it('the agent: another takes its place', async () => {
    const before = platform.agentPid();
    process.kill(before, 'SIGKILL');
    changeAll(cluster, manyObjects(OBJECTS).slice(0, 40), random);
    await settled();
    expect(platform.agentPid()).not.toBe(before);
    expect(platform.err).toContain('the agent ended (SIGKILL)');
  }, 60_000);

  it('Postgres: the platform says so, ends with its agent, and the next start has everything', async () => {
    changeAll(cluster, manyObjects(OBJECTS).slice(0, 60), random);
    const children = platform.children().map(({ pid }) => pid);
    await delay(random() * MOMENTS_MS);
    process.kill(folder.postgres().pid, 'SIGKILL');
    expect(await platform.exit).toEqual({ code: 1, signal: null });
    expect(platform.err).toContain('The embedded Postgres ended by itself (SIGKILL). Start again');
    expect(children.filter(isAlive)).toEqual([]);
    await start();
    await settled();
  }, 60_000);

  it('the platform: its agent ends by itself', async () => {
    const agent = platform.agentPid();
    await platform.kill();
    await eventually(async () => !isAlive(agent), 'the agent to end');
    await start();
    await settled();
  }, 60_000);

  /** Kills it while a run's transaction has written half of what it writes: the test holds what it needs next. */
  async function killWhileWriting(change: () => void): Promise<void> {
    const [holder, watcher] = await Promise.all([connected(), connected()]);
    try {
      await holder.query('begin');
      await holder.query('lock table app.compliance_head in access exclusive mode');
      change();
      await eventually(async () => {
        const { rows } = await watcher.query(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'with delta as%'`,
        );
        return rows.length > 0;
      }, 'a run that writes');
      await platform.kill();
    } finally {
      await Promise.all([holder.end(), watcher.end()]);
    }
  }

  async function connected(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: folder.databaseUrl() });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
});
