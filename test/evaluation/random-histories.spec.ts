import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requirePublicId, systemScope } from '#kernel';
import type { InventoryChange } from '#contracts';
import { RunLedger } from '#evaluation';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { asPod, NaiveModel, type NaiveObject } from '../support/naive-model.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

/** One thing that may happen to a cluster. */
type Step =
  | { kind: 'change'; objects: NaiveObject[] }
  | { kind: 'remove'; objects: NaiveObject[] }
  | { kind: 'list'; objects: NaiveObject[] }
  | { kind: 'repeat' }
  | { kind: 'run'; scope: 'all' | 'some'; force: boolean; objects: NaiveObject[] }
  | { kind: 'settle' };

const anObject = fc.record<NaiveObject>({
  namespace: fc.constantFrom('shop', 'data'),
  name: fc.constant('a'),
  image: fc.constantFrom('nginx', 'nginx:1'),
});
const objects = fc.array(anObject, { minLength: 1, maxLength: 2 });
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('change' as const), objects }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), objects }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const), objects }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'repeat' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      scope: fc.constantFrom('all', 'some'),
      force: fc.boolean(),
      objects,
    }),
  },
  { weight: 6, arbitrary: fc.constant<Step>({ kind: 'settle' }) },
);

describe('whatever happens to a cluster', () => {
  let platform: TestPlatform;
  let orgId: string;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
  });
  afterAll(() => platform.stop());

  it('its violations, their intervals and its counts are those of a naive model (J5)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 6, maxLength: 24 }), async (steps) => {
        const history = await History.begin(platform, orgId, `cluster-${clusters++}`);
        for (const step of steps) await history.take(step);
        await history.take({ kind: 'settle' });
        expect(await history.seen()).toEqual(history.expected());
      }),
      { numRuns: 40 },
    );
  }, 240_000);
});

/** One random history, told to the platform and to the model. */
class History {
  private readonly model = new NaiveModel();

  private constructor(
    private readonly platform: TestPlatform,
    private readonly orgId: string,
    private readonly agent: TestAgent,
  ) {}

  static async begin(platform: TestPlatform, orgId: string, name: string): Promise<History> {
    return new History(platform, orgId, await TestAgent.enroll(platform, platform.owner, name));
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'change':
        for (const object of step.objects) this.model.put(object);
        return void (await this.agent.send(step.objects.map((object) => ({ op: 'upsert', object: asPod(object) }))));
      case 'remove':
        for (const object of step.objects) this.model.remove(object);
        return void (await this.agent.send(step.objects.map(deletion)));
      case 'list':
        this.model.replaceAll(step.objects);
        return void (await this.agent.list(step.objects.map(asPod)));
      case 'repeat':
        return this.agent.sendLastAgain();
      case 'run':
        return this.requestRun(step);
      case 'settle':
        await this.platform.settle();
        return this.model.judge();
    }
  }

  async seen(): Promise<unknown> {
    const sql = this.platform.app.get(Database);
    return sql.run(systemScope(this.orgId, 'test'), async (tx) => {
      const key = [this.orgId, requirePublicId('cluster', this.agent.clusterId)];
      const violations = await tx.query<{ key: string; intervals: number; open: boolean }>(
        `select o.namespace || '/' || o.name as key, v.intervals, v.resolved_at is null as open from app.violation v
           join app.inventory_object o on o.org_id = v.org_id and o.object_id = v.object_id
           join app.check_def d on d.org_id = v.org_id and d.check_id = v.check_id
           join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
         where v.org_id = $1 and v.cluster_id = $2 and p.slug = 'no-latest-tag' order by 1`,
        key,
      );
      const counts = await tx.query<{ namespace: string; pass: number; fail: number }>(
        `select h.namespace, h.pass, h.fail from app.compliance_head h
           join app.check_def d on d.org_id = h.org_id and d.check_id = h.check_id
           join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
         where h.org_id = $1 and h.cluster_id = $2 and p.slug = 'no-latest-tag' and h.pass + h.fail > 0`,
        key,
      );
      return {
        failing: violations.filter(({ open }) => open).map((row) => row.key),
        intervals: Object.fromEntries(violations.map((row) => [row.key, row.intervals])),
        counts: Object.fromEntries(counts.map(({ namespace, pass, fail }) => [namespace, { pass, fail }])),
      };
    });
  }

  expected(): unknown {
    return { failing: this.model.failing(), intervals: this.model.intervals(), counts: this.model.counts() };
  }

  private async requestRun({ scope, force, objects: some }: Extract<Step, { kind: 'run' }>): Promise<void> {
    const clusterId = requirePublicId('cluster', this.agent.clusterId);
    const ids = some.map((object) => this.agent.objectId(object));
    await this.platform.app.get(Database).run(systemScope(this.orgId, 'test'), (tx) =>
      this.platform.app.get(RunLedger).want(tx, clusterId, {
        trigger: 'policy-change',
        scope: scope === 'all' ? { all: true } : { objects: ids },
        force,
      }),
    );
  }
}

function deletion({ namespace, name }: NaiveObject): InventoryChange {
  return { op: 'delete', api_version: 'v1', kind: 'Pod', namespace, name };
}
