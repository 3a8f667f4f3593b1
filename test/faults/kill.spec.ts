import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '#testing';
import type { ClusterShape, ComplianceShape, RunShape, ViolationShape } from '#contracts';
import { asPod, NaiveModel, type NaiveObject } from '../support/naive-model.js';
import { StandaloneFolder, type StandaloneProcess } from '../support/standalone-process.js';
import type { TestClient } from '../support/test-client.js';

/** The short form of `npm test`; `npm run test:faults` sets more. */
const KILLS = Number(process.env['BYLAW_FAULTS_KILLS'] ?? 4);
const OBJECTS = 150;
const EDITS = 40;
/** A kill falls anywhere between the first sign of work and this long after: before, in and after runs. */
const KILL_WITHIN_MS = 400;

describe('kill -9 of the whole process, again and again, while files change', () => {
  let folder: StandaloneFolder;
  const model = new NaiveModel();
  const objects: NaiveObject[] = [];
  beforeAll(() => {
    folder = new StandaloneFolder();
    for (let i = 0; i < OBJECTS; i++)
      write({ namespace: `team-${i % 5}`, name: `pod-${i}`, image: i % 3 === 0 ? 'nginx' : 'nginx:1' });
  });
  afterAll(() => folder.remove());

  function write(object: NaiveObject): void {
    const index = objects.findIndex(({ name }) => name === object.name);
    if (index < 0) objects.push(object);
    else objects[index] = object;
    model.put(object);
    folder.write(`manifests/${object.name}.json`, JSON.stringify(asPod(object)));
  }

  function editSome(round: number): void {
    for (let i = 0; i < EDITS; i++) {
      const object = objects[(i * 7 + round * 13) % objects.length];
      if (object !== undefined) write({ ...object, image: object.image === 'nginx' ? 'nginx:1' : 'nginx' });
    }
  }

  const start = (): StandaloneProcess => folder.start({ args: ['--manifests', join(folder.root, 'manifests')] });

  it(`loses nothing and doubles nothing in ${KILLS} kills (J1, J2)`, async () => {
    for (let round = 0; round < KILLS; round++) {
      const platform = start();
      const owner = await platform.owner();
      editSome(round);
      await eventually(
        async () => ((await owner.get('/api/v1/runs?limit=1')).body as { items: RunShape[] }).items.length > 0,
        'work to begin',
      );
      await delay(Math.random() * KILL_WITHIN_MS);
      expect((await platform.kill()).signal).toBe('SIGKILL');
      editSome(round + 100);
    }
    const platform = start();
    const owner = await platform.owner();
    await untilSettled(owner, OBJECTS);
    model.judge();
    expect(await failing(owner)).toEqual(model.failing());
    expect(await inconsistencies(folder.databaseUrl())).toEqual([]);
    platform.signal('SIGINT');
    expect((await platform.exit).code).toBe(0);
  }, 600_000);
});

/** Everything that the folder holds was judged, and nothing waits. */
async function untilSettled(owner: TestClient, size: number): Promise<void> {
  await eventually(
    async () => {
      const { items } = (await owner.get('/api/v1/clusters')).body as { items: ClusterShape[] };
      const compliance = (await owner.get('/api/v1/compliance')).body as ComplianceShape;
      const runs = ((await owner.get('/api/v1/runs?limit=5')).body as { items: RunShape[] }).items;
      const judged = compliance.objects.total + compliance.objects.excluded;
      const fresh = items[0]?.state_as_of !== null && runs.every(({ status }) => status === 'done');
      return items[0]?.objects === size && judged === size && fresh;
    },
    'everything to be judged',
    120_000,
  );
}

async function failing(owner: TestClient): Promise<string[]> {
  const { items } = (await owner.get('/api/v1/violations?policy=no-latest-tag&limit=500')).body as {
    items: ViolationShape[];
  };
  return items.map(({ object }) => `${object.namespace}/${object.name}`).sort();
}

/** What would show that something was lost or counted twice; one line each, none where all is well. */
async function inconsistencies(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ what: string }>(`
      select 'a violation opened ' || v.intervals || ' times, history says ' || h.ended as what
      from app.violation v, lateral (select count(*) as ended from hist.violation_span s
        where s.org_id = v.org_id and s.violation_id = v.violation_id and s.resolution is not null) h
      where v.intervals <> h.ended + case when v.resolved_at is null then 1 else 0 end
      union all
      select 'counts of ' || c.namespace || ' say ' || c.fail || ' fail, open violations say ' || o.n
      from app.compliance_head c, lateral (select count(*) as n from app.violation v
        join app.inventory_object i on i.org_id = v.org_id and i.object_id = v.object_id
        where v.org_id = c.org_id and v.check_id = c.check_id and i.namespace = c.namespace and v.resolved_at is null) o
      where c.fail <> o.n
      union all
      select 'spans of one count overlap in ' || a.namespace from hist.compliance_span a join hist.compliance_span b
        on b.org_id = a.org_id and b.cluster_id = a.cluster_id and b.namespace = a.namespace and b.check_id = a.check_id
        and b.valid_from > a.valid_from and b.valid_from < a.valid_to
      union all
      select 'a run is left ' || status from app.run where status in ('waiting', 'running', 'failed')
      union all
      select 'an event is left: ' || topic from app.outbox where dispatched_at is null`);
    return rows.map(({ what }) => what);
  } finally {
    await client.end();
  }
}
