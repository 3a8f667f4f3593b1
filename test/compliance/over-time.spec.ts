import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock, systemScope } from '#kernel';
import { CountDays } from '#compliance';
import type { ComplianceShape, ObjectSummary, TimelineShape, ViolationShape } from '#contracts';
import { OrganizationsDirectory } from '#tenancy';
import { asPod, type NaiveObject } from '../support/naive-model.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';
import { TimeModel } from '../support/time-model.js';

const POLICY = 'no-latest-tag';
const SECOND = 1_000;
/** Before the first moment: not a time at which something happened in the histories before. */
const BEFORE_MS = 3_600_123;

/** One thing that happens to one of the clusters, and how long nothing happens afterwards. */
interface Chapter {
  cluster: 0 | 1;
  objects: NaiveObject[];
  /** Seconds. */
  quiet: number;
  sign: boolean;
  /** What moved in the days that have ended is packed then. */
  pack: boolean;
}

const anObject = fc.record<NaiveObject>({
  namespace: fc.constantFrom('shop', 'data'),
  name: fc.constantFrom('a', 'b'),
  image: fc.constantFrom('nginx', 'nginx:1'),
});
const aChapter = fc.record<Chapter>({
  cluster: fc.constantFrom(0, 1),
  objects: fc.array(anObject, { maxLength: 3 }),
  quiet: fc.constantFrom(20, 300, 599, 1_000, 4_000, 90_000),
  sign: fc.boolean(),
  pack: fc.boolean(),
});

describe('a look back', () => {
  let platform: TestPlatform;
  let histories = 0;
  const all: Told[] = [];
  // Off every full second, where days and hours begin: what happens and what is asked for never fall together.
  const clock = new FakeClock(Date.UTC(2026, 9, 23, 21, 17, 5, 250));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
  });
  afterAll(() => platform.stop());

  it('tells what one had been told then: verdicts, violations, objects, what was unknown, and every step between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aChapter, { minLength: 3, maxLength: 9 }), async (chapters) => {
        const history = await History.tell(platform, clock, `history-${histories++}`, chapters, all);
        for (const at of history.moments) await history.compare(at);
        await history.compareTimelines();
        await history.compareAll();
      }),
      { numRuns: 12 },
    );
  }, 240_000);
});

/** A cluster of any history: all are in one organization. */
interface Told {
  clusterId: string;
  model: TimeModel;
}

class History {
  readonly moments: number[] = [];

  private constructor(
    private readonly platform: TestPlatform,
    private readonly clock: FakeClock,
    private readonly agents: TestAgent[],
    private readonly models: TimeModel[],
    private readonly all: readonly Told[],
  ) {}

  static async tell(
    platform: TestPlatform,
    clock: FakeClock,
    name: string,
    chapters: Chapter[],
    all: Told[],
  ): Promise<History> {
    const agents = [
      await TestAgent.enroll(platform, platform.owner, `${name}-a`),
      await TestAgent.enroll(platform, platform.owner, `${name}-b`),
    ];
    const models = agents.map(() => new TimeModel());
    all.push(...agents.map(({ clusterId }, index) => ({ clusterId, model: models[index] ?? new TimeModel() })));
    const history = new History(platform, clock, agents, models, all);
    clock.advance(SECOND);
    for (const chapter of chapters) await history.live(chapter);
    return history;
  }

  private async live({ cluster, objects, quiet, sign, pack }: Chapter): Promise<void> {
    const agent = this.agents[cluster];
    const model = this.models[cluster];
    if (agent === undefined || model === undefined) throw new Error('there are two clusters');
    if (sign) {
      await agent.beat();
      model.sign(this.clock.now());
    } else {
      await agent.list([...new Map(objects.map((one) => [`${one.namespace}/${one.name}`, one])).values()].map(asPod));
      await this.platform.settle();
      model.sign(this.clock.now());
      model.hold(this.clock.now(), objects);
    }
    if (pack) {
      const [orgId = ''] = await this.platform.app.get(OrganizationsDirectory).dangerouslyListAll();
      await this.platform.app.get(CountDays).pack(systemScope(orgId, 'test'));
    }
    this.clock.advance((quiet * SECOND) / 2);
    this.moments.push(this.clock.now());
    this.clock.advance((quiet * SECOND) / 2);
  }

  /** As of one moment. */
  async compare(at: number): Promise<void> {
    const time = new Date(at).toISOString();
    for (const [index, agent] of this.agents.entries()) {
      const model = this.models[index];
      if (model === undefined) continue;
      const filter = `cluster_id=${agent.clusterId}&at=${time}`;
      const { counts, objects } = await this.ask<ComplianceShape>(`/compliance?policy=${POLICY}&${filter}`);
      const { pass, fail, unknown } = counts;
      expect({ at: time, pass, fail, unknown }).toEqual({ at: time, ...model.countsAt(at) });
      const failing = model.failingAt(at).length;
      const total = model.objectsAt(at).length;
      expect(objects).toMatchObject({ total, compliant: model.isUnknownAt(at) ? 0 : total - failing });
      const all = await this.ask<ComplianceShape>(`/compliance?${filter}`);
      expect(all.objects.total).toBe(total);
      const there = await this.ask<{ items: ObjectSummary[] }>(`/clusters/${agent.clusterId}/objects?at=${time}`);
      expect(there.items.map(keyOf).sort()).toEqual(model.objectsAt(at));
      const open = await this.ask<{ items: ViolationShape[] }>(`/violations?policy=${POLICY}&limit=500&${filter}`);
      expect(open.items.map(({ object }) => keyOf(object)).sort()).toEqual(model.failingAt(at));
      expect(open.items.map(({ unknown_since: since }) => since !== null)).toEqual(
        open.items.map(() => model.isUnknownAt(at)),
      );
    }
  }

  /** Over the whole of it, by days and, where that is short enough, by hours. */
  async compareTimelines(): Promise<void> {
    const from = new Date((this.moments[0] ?? 0) - BEFORE_MS);
    const to = new Date(this.clock.now());
    for (const [index, agent] of this.agents.entries()) {
      const range = `from=${from.toISOString()}&to=${to.toISOString()}&cluster_id=${agent.clusterId}&policy=${POLICY}`;
      for (const step of ['day', 'hour']) {
        const path = `/compliance/timeline?${range}&step=${step}&time_zone=Europe/Berlin&group_by=namespace`;
        const timeline = await this.ask<TimelineShape>(path);
        const seen = timeline.points.map(({ at, counts: { pass, fail, unknown } }) => ({ at, pass, fail, unknown }));
        const expected = timeline.points.map(({ at }) => ({ at, ...this.models[index]?.countsAt(Date.parse(at)) }));
        expect(seen).toEqual(expected);
        const summed = timeline.points.map((_, i) =>
          sum(timeline.groups.map(({ points }) => points[i]?.counts.fail ?? 0)),
        );
        expect(summed).toEqual(timeline.points.map(({ counts }) => counts.fail));
      }
    }
  }

  /** Of all clusters together: as of each moment, and over the whole of it, cluster by cluster. */
  async compareAll(): Promise<void> {
    for (const at of this.moments) {
      const time = new Date(at).toISOString();
      const { counts, objects } = await this.ask<ComplianceShape>(`/compliance?policy=${POLICY}&at=${time}`);
      const { pass, fail, unknown } = counts;
      expect({ at: time, pass, fail, unknown }).toEqual({ at: time, ...this.sumAt(at) });
      expect(objects.total).toBe(pass + fail + unknown);
      const { objects: ofAll } = await this.ask<ComplianceShape>(`/compliance?at=${time}`);
      expect(ofAll.total).toBe(objects.total);
    }
    const [from, to] = [new Date((this.moments[0] ?? 0) - BEFORE_MS), new Date(this.clock.now())];
    const range = `from=${from.toISOString()}&to=${to.toISOString()}&policy=${POLICY}`;
    for (const zone of ['UTC', 'Asia/Kolkata']) {
      const path = `/compliance/timeline?${range}&time_zone=${zone}&group_by=cluster`;
      const timeline = await this.ask<TimelineShape>(path);
      const shown = (points: TimelineShape['points']): unknown =>
        points.map(({ at, counts: { pass, fail, unknown } }) => ({ at, pass, fail, unknown }));
      const moments = timeline.points.map(({ at }) => at);
      expect(shown(timeline.points)).toEqual(moments.map((at) => ({ at, ...this.sumAt(Date.parse(at)) })));
      for (const { key, points } of timeline.groups) {
        const model = this.all.find(({ clusterId }) => clusterId === key)?.model;
        expect(shown(points)).toEqual(moments.map((at) => ({ at, ...model?.countsAt(Date.parse(at)) })));
      }
      const alike = this.all.filter(({ model }) =>
        [from, to].every((at) => sum(Object.values(model.countsAt(at.getTime()))) > 0),
      );
      expect(timeline.like_for_like).toEqual(
        moments.map((at) => {
          const { pass, fail } = this.sumAt(Date.parse(at), alike);
          return { at, score: pass + fail === 0 ? null : pass / (pass + fail) };
        }),
      );
    }
  }

  private sumAt(at: number, of = this.all): ReturnType<TimeModel['countsAt']> {
    const counts = of.map(({ model }) => model.countsAt(at));
    return {
      pass: sum(counts.map(({ pass }) => pass)),
      fail: sum(counts.map(({ fail }) => fail)),
      unknown: sum(counts.map(({ unknown }) => unknown)),
    };
  }

  private async ask<Body>(path: string): Promise<Body> {
    const { status, body } = await this.platform.owner.get(`/api/v1${path}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body as Body;
  }
}

function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
