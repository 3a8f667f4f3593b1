import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { complianceColumns, timelineSchema, type TimelinePoint, type TimelineShape } from '#contracts';
import { FakeClock } from '#kernel';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const HOUR = 3_600_000;
const BEGUN = '2026-11-24T11:30:00Z';
const HOSTILE = ['=HYPERLINK("http://evil.example","x")', '+1+1', '-2+3', '@SUM(A1)', 'a "quoted", b'];
const COUNTS = ['eligible', 'evaluated', 'pass', 'fail', 'waived', 'error', 'skipped', 'unknown'] as const;

const aPod = (name: string, namespace: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'a', image }] },
});

describe('the timeline of compliance that is exported', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  let platform: TestPlatform;
  let owner: TestClient;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    ({ owner } = platform);
    agent = await TestAgent.enroll(platform, owner, 'one');
    const silent = await TestAgent.enroll(platform, owner, 'silent');
    await agent.list([aPod('a', 'shop', 'nginx'), aPod('b', 'data', 'nginx:1')]);
    await silent.list([aPod('a', 'shop', 'nginx')]);
    await platform.settle();
    for (let n = 0; n < 3; n++) {
      clock.advance(HOUR);
      await agent.send([{ op: 'upsert', object: aPod('a', 'shop', n % 2 === 0 ? 'nginx:1' : 'nginx') }]);
      await platform.settle();
    }
    await bindOwn(owner, { name: '=cmd|A1' });
    await platform.settle();
    clock.advance(HOUR / 2);
    await agent.beat();
  });
  afterAll(() => platform.stop());

  const exported = (path: string, client = owner): Promise<TestAnswer> =>
    client.get(`/api/v1/exports/compliance.${path}`);
  const table = async (query: string): Promise<Record<string, string>[]> =>
    parse(String((await exported(`csv?${query}`)).body), { columns: true, bom: true });
  const answered = async (query: string): Promise<TimelineShape> =>
    (await owner.get(`/api/v1/compliance/timeline?${query}`)).body as TimelineShape;
  const cellsOf = ({ at, score, coverage, counts }: TimelinePoint): Record<string, string> => ({
    at,
    score: score === null ? '' : String(score),
    coverage: coverage === null ? '' : String(coverage),
    ...Object.fromEntries(COUNTS.map((name) => [name, String(counts[name])])),
  });

  it('is another organization’s own, and nothing of ours', async () => {
    const stranger = await platform.stranger();
    for (const query of [`cluster_id=${agent.clusterId}`, '']) {
      const grouped = `${query}&group_by=cluster`;
      const { status, body } = await exported(`json?${grouped}`, stranger);
      expect([status, (body as TimelineShape).groups, (body as TimelineShape).gaps]).toEqual([200, [], []]);
      expect((body as TimelineShape).points.every(({ counts }) => counts.eligible === 0)).toBe(true);
      expect(JSON.stringify((body as TimelineShape).markers)).not.toContain('cmd');
      const csv = String((await exported(`csv?${grouped}`, stranger)).body);
      expect(csv).toBe(`${Object.keys(complianceColumns.shape).join(',')}\r\n`);
    }
    const policies = (await owner.get('/api/v1/policies?q=no-latest-tag')).body as { items: { id: string }[] };
    expect((await exported(`csv?policy=${policies.items[0]?.id}`, stranger)).status).toBe(404);
  });

  it('needs a key of the scope export, which reads no timeline', async () => {
    const keyOf = async (scope: string): Promise<TestClient> => {
      const { body } = await owner.post('/api/v1/api-keys', { name: scope, scopes: [scope] });
      return platform.client((body as { key: string }).key);
    };
    const [exporter, reader] = [await keyOf('export'), await keyOf('read')];
    for (const format of ['csv', 'json']) {
      expect((await exported(format, exporter)).status).toBe(200);
      expect((await exported(format, reader)).body).toMatchObject({ code: 'forbidden_scope' });
      expect((await exported(format, platform.client())).status).toBe(401);
    }
    expect((await exporter.get('/api/v1/compliance/timeline')).status).toBe(403);
  });

  it.each([
    `from=${BEGUN}&step=hour`,
    `from=${BEGUN}&step=hour&policy=no-latest-tag`,
    `from=${BEGUN}&to=2026-11-24T14:10:00Z&step=hour&namespace=shop`,
    '',
  ])('by %s is as it is answered: point by point in CSV, whole in JSON', async (query) => {
    const timeline = await answered(query);
    expect((await exported(`json?${query}`)).body).toEqual(timeline);
    timelineSchema.parse(timeline);
    const rows = await table(query);
    expect(rows).toMatchObject(timeline.points.map(cellsOf));
    expect(rows.map(({ group_by, key, name }) => `${group_by}${key}${name}`)).toEqual(rows.map(() => ''));
    expect(rows.map(({ like_for_like: score }) => score)).toEqual(
      timeline.like_for_like.map(({ score }) => (score === null ? '' : String(score))),
    );
    expect(new Set(rows.map(({ eligible }) => eligible)).size).toBeGreaterThan(1);
  });

  it.each(['cluster', 'namespace', 'category', 'severity', 'policy'])(
    'by %s is a row for each point of each group, which sum up to the whole',
    async (group) => {
      const query = `from=${BEGUN}&step=hour&group_by=${group}`;
      const timeline = await answered(query);
      expect((await exported(`json?${query}`)).body).toEqual(timeline);
      const rows = await table(query);
      expect(rows).toEqual(
        timeline.groups.flatMap(({ key, name, points }) =>
          points.map((point) => ({ ...cellsOf(point), group_by: group, key, name, like_for_like: '' })),
        ),
      );
      expect(timeline.groups.length).toBeGreaterThan(1);
      for (const { at, counts } of timeline.points)
        for (const name of COUNTS)
          expect(rows.filter((row) => row['at'] === at).reduce((sum, row) => sum + Number(row[name]), 0)).toBe(
            counts[name],
          );
    },
  );

  it('tells a gap from a score of nothing, and what was changed meanwhile beside the points', async () => {
    const rows = await table(`from=${BEGUN}&step=hour&group_by=cluster`);
    const silent = rows.filter(({ name }) => name === 'silent');
    expect(silent.at(-1)).toMatchObject({ score: '', coverage: '0', pass: '0', fail: '0' });
    expect(Number(silent.at(-1)?.['unknown'])).toBeGreaterThan(0);
    const { gaps, markers } = (await exported(`json?from=${BEGUN}&step=hour`)).body as TimelineShape;
    expect(gaps.map(({ cluster }) => cluster.name)).toContain('silent');
    expect(markers).toContainEqual(expect.objectContaining({ kind: 'binding', name: '=cmd|A1' }));
  });

  it('is a file that says what it is and until when', async () => {
    const csv = await exported('csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.headers.get('content-disposition')).toBe(
      'attachment; filename="bylaw-compliance-2026-11-24T15-30-00Z.csv"',
    );
    const past = await exported('json?from=2026-11-01T00:00:00Z&to=2026-11-24T14:00:00Z');
    expect(past.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(past.headers.get('content-disposition')).toBe(
      'attachment; filename="bylaw-compliance-2026-11-24T14-00-00Z.json"',
    );
    for (const format of ['csv', 'json']) {
      const head = await owner.send('HEAD', `/api/v1/exports/compliance.${format}`);
      expect([head.status, head.body]).toEqual([200, '']);
      expect(head.headers.get('content-disposition')).toContain('bylaw-compliance-2026-11-24T15');
    }
    const marked = await fetch(`${platform.url}/api/v1/exports/compliance.csv?bom=true`, {
      headers: { authorization: `Bearer ${owner.key}` },
    });
    expect(Buffer.from(await marked.arrayBuffer()).subarray(0, 5)).toEqual(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x74]));
  });

  it.each([
    ['from=yesterday', 400],
    ['from=2030-01-01T00:00:00Z', 400],
    ['to=2030-01-01T00:00:00Z', 400],
    [`from=2026-11-24T12:00:00Z&to=2026-11-24T12:00:00Z`, 400],
    ['from=2020-01-01T00:00:00Z&step=hour', 400],
    ['step=minute', 400],
    ['time_zone=Mars/Olympus', 400],
    ['time_zone=', 400],
    ['group_by=colour', 400],
    ['group_by=cluster&group_by=policy', 400],
    ['namespace=%00', 400],
    ['bom=maybe', 400],
    ['limit=5', 400],
    ['at=2026-11-24T12:00:00Z', 400],
    ['policy=nothing-of-the-kind', 404],
    ['policy=pol_nonsense', 404],
    ['cluster_id=nonsense', 404],
    [`namespace=${'x'.repeat(254)}`, 400],
  ])('%s is refused as by the timeline, with a problem document and no file', async (query, expected) => {
    for (const format of ['csv', 'json']) {
      const { status, headers, body } = await exported(`${format}?${query}`);
      expect([status, headers.get('content-disposition')]).toEqual([expected, null]);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect((body as { code: string }).code).toBe(expected === 400 ? 'invalid_filter' : 'not_found');
    }
  });

  it('is refused where too many exports run, in either format, and served again afterwards', async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, (_, n) => exported(n % 2 === 0 ? 'csv' : 'json')));
    const statuses = asked.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    expect(statuses).toContain(429);
    expect((await exported('json')).status).toBe(200);
  });

  it('starts no formula in CSV, even from a name that is refused on its way in', async () => {
    const hostile = await TestAgent.enroll(platform, owner, 'hostile');
    const { rejected } = await hostile.list([aPod('p', HOSTILE[0] ?? '', 'nginx')]);
    expect(rejected).toHaveLength(1);
    await hostile.list(HOSTILE.map((_, n) => aPod('p', `n${n}`, 'nginx')));
    await platform.settle();
    for (const [n, namespace] of HOSTILE.entries())
      await platform.query('update app.compliance_head set namespace = $2 where namespace = $1', [`n${n}`, namespace]);
    clock.advance(HOUR);
    const rows = await table(`cluster_id=${hostile.clusterId}&group_by=namespace`);
    expect(rows.filter((row) => Object.values(row).some((cell) => /^[=+\-@\t\r]/.test(cell)))).toEqual([]);
    const names = new Set(rows.map(({ name }) => name));
    expect(names).toEqual(new Set(HOSTILE.map((name) => (/^[=+\-@]/.test(name) ? `'${name}` : name))));
  });
});
