import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, systemScope } from '#kernel';
import type { RunShape, TriggerShape } from '#contracts';
import { SchedulesService } from '#evaluation';
import { OrganizationsDirectory } from '#tenancy';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const HOUR = 3_600_000;
const aPod = (name: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
});
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

describe('schedules', () => {
  let platform: TestPlatform;
  let trigger: TriggerShape;
  let agent: TestAgent;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await TestAgent.enroll(platform, platform.owner, 'other');
    await agent.list([aPod('web', 'shop'), aPod('job', 'batch')]);
    const made = await platform.owner.post('/api/v1/triggers', {
      name: 'hourly',
      type: 'schedule',
      cron: '0 * * * *',
      time_zone: 'Europe/Berlin',
    });
    trigger = made.body as TriggerShape;
    await bindOwn(platform.owner, {
      name: 'shop by the hour',
      target: { clusters: { ids: [agent.clusterId] }, namespaces: { include: ['shop'] } },
      trigger_ids: [trigger.id],
    });
    await platform.settle();
  });
  afterAll(() => platform.stop());

  /** What a worker does with its sweep. */
  const fire = async (): Promise<number> => {
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    return platform.app.get(SchedulesService).fireDue(systemScope(orgId, 'test'));
  };
  const scheduledRuns = async (): Promise<RunShape[]> =>
    ((await platform.owner.get('/api/v1/runs?trigger=schedule')).body as { items: RunShape[] }).items;
  const current = async (): Promise<TriggerShape> =>
    (await platform.owner.get(`/api/v1/triggers/${trigger.id}`)).body as TriggerShape;

  it('are not fired before their time', async () => {
    expect(trigger.next_due_at).toBe('2026-11-24T13:00:00.000Z');
    clock.advance(HOUR - 1);
    expect(await fire()).toBe(0);
  });

  it('are fired once, however many workers look, and judge the pairs of their bindings again (J4)', async () => {
    clock.advance(1);
    const fired = await Promise.all(Array.from({ length: 8 }, fire));
    expect(fired.reduce((sum, n) => sum + n, 0)).toBe(1);
    await platform.settle();
    const runs = await scheduledRuns();
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ cluster_id: agent.clusterId, status: 'done' });
    // The binding means one of both objects; the other keeps what is known of it.
    expect(runs[0]?.counts).toMatchObject({ objects: 2, evaluated: 1, reused: 1 });
    expect(await current()).toMatchObject({
      last_fired_at: '2026-11-24T13:00:00.000Z',
      next_due_at: '2026-11-24T14:00:00.000Z',
    });
  });

  it('make up once for all ticks that nobody was there for', async () => {
    clock.advance(7 * HOUR + 60_000);
    expect(await fire()).toBeGreaterThan(0);
    expect(await fire()).toBe(0);
    await platform.settle();
    const ofTrigger = (await scheduledRuns()).filter(({ cluster_id: id }) => id === agent.clusterId);
    expect(ofTrigger).toHaveLength(2);
    expect((await current()).next_due_at).toBe('2026-11-24T21:00:00.000Z');
  });

  it('that are changed count from now on; what can’t be or never comes is refused', async () => {
    const path = `/api/v1/triggers/${trigger.id}`;
    const due = await platform.query<{ next_due_at: Date }>(
      `update app.trigger set next_due_at = next_due_at - interval '1 day' where name = 'hourly' returning next_due_at`,
    );
    const renamed = await platform.owner.patch(path, { name: 'by the hour' });
    // A tick that is due and that nobody has taken yet is not lost by a new name.
    expect(renamed.body).toMatchObject({ next_due_at: due[0]?.next_due_at.toISOString() });
    await platform.owner.patch(path, { name: 'hourly' });
    const changed = await platform.owner.patch(path, { cron: '30 6 * * *', time_zone: 'UTC' });
    expect(changed.body).toMatchObject({ next_due_at: '2026-11-25T06:30:00.000Z', revision: 4 });
    for (const change of [{ cron: '0 0 30 2 *' }, { cron: 'never' }, { time_zone: 'Nowhere' }])
      expect(problem(await platform.owner.patch(path, change))).toEqual([422, 'invalid_schedule']);
    const post = (body: object): Promise<TestAnswer> => platform.owner.post('/api/v1/triggers', body);
    expect(problem(await post({ name: 'x', type: 'schedule' }))).toEqual([422, 'invalid_schedule']);
    expect(problem(await post({ name: 'x', type: 'ci', cron: '0 0 * * *' }))).toEqual([422, 'invalid_schedule']);
    expect(problem(await post({ name: 'hourly', type: 'ci' }))).toEqual([409, 'name_taken']);
    expect(problem(await post({ name: 'x', type: 'sometimes' }))).toEqual([400, 'invalid_body']);
    expect(await current()).toMatchObject({ cron: '30 6 * * *', revision: 4 });
  });
});
