import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, systemScope } from '#kernel';
import { CountDays } from '#compliance';
import type { ComplianceShape } from '#contracts';
import { OrganizationsDirectory } from '#tenancy';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod } from '../support/workloads.js';

const DAY_MS = 86_400_000;

describe('packing days', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 20, 12));
  let platform: TestPlatform;
  let stranger: TestClient;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    stranger = await platform.stranger();
    agent = await TestAgent.enroll(platform, platform.owner, 'packed');
  });
  afterAll(() => platform.stop());

  const organizations = (): Promise<string[]> => platform.app.get(OrganizationsDirectory).dangerouslyListAll();
  const pack = (orgId: string): Promise<number> => platform.app.get(CountDays).pack(systemScope(orgId, 'test'));
  const rowsOf = async (table: string): Promise<number> =>
    (await platform.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? -1;
  const countsAt = async (at: number, owner = platform.owner): Promise<ComplianceShape['counts']> =>
    ((await owner.get(`/api/v1/compliance?at=${new Date(at).toISOString()}`)).body as ComplianceShape).counts;
  /** What a day of the cluster brings. */
  const live = async (names: string[]): Promise<number> => {
    await agent.list(names.map((name) => aPod(name, 'nginx')));
    await platform.settle();
    clock.advance(1_000);
    return clock.now();
  };

  it('changes nothing of what is told, whoever packs at the same time', async () => {
    const moments: number[] = [];
    for (const names of [['a'], ['a', 'b'], [], ['a', 'b', 'c']]) {
      moments.push(await live(names));
      clock.advance(DAY_MS);
    }
    // A day without any move has no row.
    clock.advance(2 * DAY_MS);
    const before = await Promise.all(moments.map((at) => countsAt(at)));
    expect(new Set(before.map(({ fail }) => fail)).size).toBe(4);
    const [mine = '', theirs = ''] = await organizations();
    expect(await pack(theirs)).toBe(0);
    const packed = await Promise.all([pack(mine), pack(mine), pack(mine)]);
    expect(packed.reduce((sum, days) => sum + days)).toBe(4);
    expect([await rowsOf('hist.compliance_day'), await rowsOf('app.compliance_change')]).toEqual([4, 0]);
    expect(await rowsOf('app.object_count_change')).toBe(0);
    expect(await Promise.all(moments.map((at) => countsAt(at)))).toEqual(before);
    expect((await countsAt(moments[3] ?? 0, stranger)).eligible).toBe(0);
  });

  it('leaves a day alone that has not ended, or only just', async () => {
    const [mine = ''] = await organizations();
    await live(['d']);
    expect(await pack(mine)).toBe(0);
    clock.advance(Math.ceil(clock.now() / DAY_MS) * DAY_MS - clock.now() + 60_000);
    expect(await pack(mine)).toBe(0);
    clock.advance(600_000);
    expect(await pack(mine)).toBe(1);
  });

  it('tells what moved before, in a day that is packed, and after it', async () => {
    const now = async (): Promise<number> =>
      ((await platform.owner.get('/api/v1/compliance?policy=no-latest-tag')).body as ComplianceShape).counts.fail;
    await live(['e', 'f']);
    expect(await now()).toBe(2);
    await live(['e', 'f', 'g']);
    expect(await now()).toBe(3);
  });
});
