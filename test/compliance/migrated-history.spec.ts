import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { FakeClock } from '#kernel';
import type { ComplianceShape, TimelineShape } from '#contracts';
import { migrate } from '#platform';
import { MIGRATIONS } from '../../migrations/index.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod } from '../support/workloads.js';

const HOUR_MS = 3_600_000;

describe('an installation from before days were packed', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 20, 12));
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
  });
  afterAll(() => platform.stop());

  it('tells the same of its past after the migration: what moved is found in the steps', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'old');
    const gone = await TestAgent.enroll(platform, platform.owner, 'gone');
    const begun = clock.now();
    for (const names of [['a'], ['a', 'b'], ['b', 'c', 'd'], ['d']]) {
      await agent.list(names.map((name) => aPod(name, 'nginx')));
      await gone.list(names.map((name) => aPod(name, 'nginx:1')));
      await platform.settle();
      clock.advance(HOUR_MS);
      await Promise.all([agent.beat(), gone.beat()]);
    }
    await platform.owner.delete(`/api/v1/clusters/${gone.clusterId}`);
    await platform.settle();
    const before = await told(begun);
    expect(new Set(before.map(({ counts }) => counts.fail)).size).toBeGreaterThan(2);
    await migrateAnew();
    expect(await told(begun)).toEqual(before);
  });

  /** Compliance now, and hour by hour. */
  const told = async (from: number): Promise<{ counts: ComplianceShape['counts'] }[]> => {
    const now = await platform.owner.get('/api/v1/compliance');
    const range = `from=${new Date(from).toISOString()}&to=${new Date(clock.now()).toISOString()}&step=hour`;
    const timeline = await platform.owner.get(`/api/v1/compliance/timeline?${range}`);
    const { counts, objects } = now.body as ComplianceShape;
    return [{ counts, ...objects }, ...(timeline.body as TimelineShape).points];
  };

  /** Back to what there was before, and forward again as a new release does it. */
  const migrateAnew = async (): Promise<void> => {
    const { logins } = platform.database;
    const owner = new DataSource({
      type: 'postgres',
      url: logins.ownerUrl,
      migrations: MIGRATIONS,
      migrationsTableName: 'applied',
      schema: 'migrations',
      installExtensions: false,
    });
    await owner.initialize();
    try {
      do await owner.undoLastMigration({ transaction: 'each' });
      while ((await owner.query(`select 1 from migrations.applied where name like 'DaysOfCounts%'`)).length > 0);
    } finally {
      await owner.destroy();
    }
    await migrate(logins, MIGRATIONS, new Date(clock.now()));
  };
});
