import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterShape, RunShape, ValidationResult } from '#contracts';
import { eventually } from '#testing';
import { Deployment } from '../support/deployment.js';
import { FaultyCluster } from '../support/faulty-cluster.js';
import { asPod } from '../support/naive-model.js';
import { changeAll, dealt, manyObjects, mulberry32, withImage } from '../support/random-changes.js';
import { RedisServer } from '../support/redis-server.js';

const OBJECTS = 300;
/** The short form of `npm test`; `npm run test:faults` sets more. */
const KILLS = Number(process.env['BYLAW_FAULTS_KILLS'] ?? 8);
const KILLS_A_ROUND = 4;
const SEED = Number(process.env['BYLAW_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const MOMENTS_MS = 900;
const SETTLED_WITHIN_MS = 60_000;

const where = RedisServer.isInstalled() ? describe : describe.skip;

where('two APIs, two workers, Postgres and Redis, as docker-compose.yml has them', () => {
  const random = mulberry32(SEED);
  const objects = manyObjects(OBJECTS);
  let deployment: Deployment;
  let cluster: FaultyCluster;
  beforeAll(async () => {
    deployment = new Deployment();
    cluster = new FaultyCluster(deployment, 'shop');
    for (const object of objects) if (random() < 0.8) cluster.put(withImage(object, random));
    await deployment.start();
    await deployment.addAgent('shop');
    await settled();
  }, 180_000);
  afterAll(async () => {
    const ends = await deployment.stop();
    // Each has put things in order first; one that had not would have been killed after twenty seconds.
    expect(ends).toEqual(ends.map(() => 'SIGTERM'));
  }, 90_000);

  async function settled(): Promise<void> {
    cluster.judge();
    const expected = cluster.expected();
    await eventually(
      async () => isDeepStrictEqual(await cluster.seen(), expected),
      'the model’s state',
      SETTLED_WITHIN_MS,
    ).catch(() => undefined);
    const seen = await cluster.seen();
    if (!isDeepStrictEqual(seen, expected)) process.stderr.write(`${deployment.said()}\n`);
    expect({ seed: SEED, ...seen }).toEqual({ seed: SEED, ...expected });
  }

  it('answer as one: a cluster, its violations, a run that asks the agent first, a validation', async () => {
    const { owner } = deployment;
    const clusters = (await owner.get('/api/v1/clusters')).body as { items: ClusterShape[] };
    expect(clusters.items).toMatchObject([{ name: 'shop', connection: 'connected' }]);
    const asked = new Date();
    const run = (await owner.post(`/api/v1/clusters/${clusters.items[0]?.id}/runs`)).body as RunShape;
    const done = await eventually(async () => {
      const { body } = await owner.get(`/api/v1/runs/${run.id}`);
      return (body as RunShape).status === 'done' && (body as RunShape);
    }, 'the run');
    expect(Date.parse(done.state_as_of ?? '')).toBeGreaterThanOrEqual(asked.getTime() - 1_000);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        owner.post('/api/v1/validate', asPod({ namespace: 'shop', name: 'new', image: 'nginx' })),
      ),
    );
    const decisions = answers.map(({ body }) => (body as ValidationResult).decision);
    expect(new Set(decisions).size).toBe(1);
  }, 60_000);

  it.each(Array.from({ length: Math.ceil(KILLS / KILLS_A_ROUND) }, (_, round) => round + 1))(
    'lose nothing and count nothing twice, whatever is killed (round %i)',
    async () => {
      const parts = dealt(objects, KILLS_A_ROUND + 1, random);
      for (const [index, part] of parts.entries()) {
        changeAll(cluster, part.slice(0, part.length / 2), random);
        await delay(random() * MOMENTS_MS);
        if (index < KILLS_A_ROUND) await killOne();
        changeAll(cluster, part.slice(part.length / 2), random);
      }
      await settled();
    },
    240_000,
  );

  it('lose nothing with what Redis held, and nothing while it is away', async () => {
    const [first = [], second = [], third = []] = dealt(objects, 3, random);
    changeAll(cluster, first, random);
    for (let n = 0; n < 10; n++) {
      await deployment.redis.flush();
      await delay(random() * 100);
    }
    await deployment.redis.pause();
    changeAll(cluster, second, random);
    await delay(MOMENTS_MS);
    await deployment.redis.resume();
    changeAll(cluster, third, random);
    await settled();
  }, 120_000);

  async function killOne(): Promise<void> {
    const { apis, workers, agents } = deployment;
    const victims = [...apis, ...workers, ...workers, ...agents];
    const victim = victims[Math.floor(random() * (victims.length + 1))];
    if (victim === undefined) await deployment.crashPostgres();
    else victim.kill();
  }
});
