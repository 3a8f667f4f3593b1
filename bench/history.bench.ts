import pg from 'pg';
import { publicId, requirePublicId, systemScope, type Scope } from '#kernel';
import type { ClusterShape } from '#contracts';
import { CountDays } from '#compliance';
import { Database, HistoryPartitions } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import type { TestPlatform } from '../test/support/test-platform.js';
import { withPlatform } from './support/bench-platform.js';
import { bindPolicies } from './support/bound-policies.js';
import { BODY_HASH, RecordedHistory, type HistoryPlan } from './support/recorded-history.js';
import { report, type Figure } from './support/report.js';

/** A quarter of a year of a large organization: how much is kept, and how fast one looks back. */
const PLAN: HistoryPlan = {
  clusters: 200,
  namespaces: 20,
  objects: 200_000,
  checks: 50,
  days: 90,
  failing: 0.08,
  changing: 0.005,
};
const DAY_MS = 86_400_000;
const LOOKS = 40;
const WARM_UP = 10;
const PROMISE = 'p95 ≤ 50 ms';

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  const now = Date.now();
  const start = now - (PLAN.days + 1) * DAY_MS;
  const clusters = await fill(platform, start);
  await sizes(platform);
  await looks(platform, start, now, clusters);
});
report(figures);

async function fill(platform: TestPlatform, start: number): Promise<string[]> {
  for (let month = 0; month < 5; month++)
    await platform.app.get(HistoryPartitions).extend(new Date(start + month * 30 * DAY_MS));
  await bindPolicies(platform.owner, PLAN.checks + 20);
  const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
  const clusters: string[] = [];
  for (let n = 0; n < PLAN.clusters; n++) {
    const { body } = await platform.owner.post('/api/v1/clusters', { name: `cluster-${n}` });
    clusters.push(requirePublicId('cluster', (body as ClusterShape).id));
  }
  const scope = systemScope(orgId, 'bench');
  const database = platform.app.get(Database);
  const checks = await database.run(scope, async (tx) => {
    await tx.query(
      `update app.cluster set created_at = $2, connection_since = $2, connection = 'connected', last_seen_at = $3 where org_id = $1`,
      [orgId, new Date(start), tx.now],
    );
    await tx.query(
      `insert into app.object_body (org_id, body_hash, normaliser, body) values ($1, $2, 1, '\\x4bc94cce050000')`,
      [orgId, BODY_HASH],
    );
    return tx.query<{ check_id: number }>(
      'select check_id from app.check_def where org_id = $1 order by check_id limit $2',
      [orgId, PLAN.checks],
    );
  });
  const history = new RecordedHistory(PLAN, start, { clusters, checks: checks.map(({ check_id: id }) => id) });
  history.live();
  await history.write(database, scope);
  await packDays(platform, history, scope);
  await asOwner(platform, 'vacuum analyze');
  return clusters;
}

/** What moved in a day is packed after it, and its room used again, as the sweeps and the autovacuum would do it. */
async function packDays(platform: TestPlatform, history: RecordedHistory, scope: Scope): Promise<void> {
  const days = platform.app.get(CountDays);
  let [packed, ms] = [0, 0];
  await history.writeMoves(platform.app.get(Database), scope, async () => {
    const begun = performance.now();
    packed += await days.pack(scope);
    ms += performance.now() - begun;
    await asOwner(platform, 'vacuum app.compliance_change, app.object_count_change');
  });
  figures.push({ bench: 'history', figure: 'packing a day', value: ms / packed, unit: 'ms', n: packed });
}

/** Heads and closed steps with their indexes. */
async function sizes(platform: TestPlatform): Promise<void> {
  const rows = await asOwner<{ name: string; bytes: number; rows: number }>(
    platform,
    `select coalesce(p.relname, c.relname) as name, sum(pg_total_relation_size(c.oid))::float8 as bytes, sum(c.reltuples)::float8 as rows
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
     where n.nspname in ('app', 'hist') and c.relkind = 'r'
       and coalesce(p.relname, c.relname) in ('compliance_head', 'compliance_span', 'violation', 'violation_span', 'object_count_head', 'compliance_change',
         'object_count_change', 'compliance_day')
     group by 1 order by 1`,
  );
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  figures.push({
    bench: 'history',
    figure: 'violations and counts with indexes',
    value: total / 1e6,
    unit: 'MB',
    n: 1,
    promise: '≤ 150 MB',
  });
  for (const { name, bytes, rows: count } of rows)
    figures.push({ bench: 'history', figure: `${name}, of ${count} rows`, value: bytes / 1e6, unit: 'MB', n: count });
}

async function looks(platform: TestPlatform, start: number, now: number, clusters: readonly string[]): Promise<void> {
  const at = (n: number): string => new Date(start + ((n * 0.618_034) % 1) * (now - start)).toISOString();
  const cluster = (n: number): string => publicId('cluster', clusters[n % clusters.length] ?? '');
  const range = `from=${new Date(start).toISOString()}`;
  const week = (n: number): string => {
    const from = Date.parse(at(n)) * 0.9 + now * 0.1;
    return `from=${new Date(Math.min(from, now - 8 * DAY_MS)).toISOString()}&to=${new Date(Math.min(from, now - 8 * DAY_MS) + 7 * DAY_MS).toISOString()}`;
  };
  const kinds: [string, (n: number) => string][] = [
    ['compliance as of a moment, everything', (n) => `/compliance?at=${at(n)}`],
    ['compliance as of a moment, one cluster', (n) => `/compliance?at=${at(n)}&cluster_id=${cluster(n)}`],
    ['violations as of a moment, first page', (n) => `/violations?at=${at(n)}`],
    ['violations as of a moment, one cluster', (n) => `/violations?at=${at(n)}&cluster_id=${cluster(n)}`],
    ['timeline of 90 days, everything', () => `/compliance/timeline?${range}`],
    ['timeline of 90 days by severity', () => `/compliance/timeline?${range}&group_by=severity`],
    ['timeline of 90 days by cluster', () => `/compliance/timeline?${range}&group_by=cluster`],
    [
      'timeline of 90 days, one cluster by namespace',
      (n) => `/compliance/timeline?${range}&group_by=namespace&cluster_id=${cluster(n)}`,
    ],
    ['timeline of a week by the hour, everything', (n) => `/compliance/timeline?${week(n)}&step=hour`],
  ];
  for (const [figure, path] of kinds) {
    const times: number[] = [];
    for (let n = 0; n < LOOKS + WARM_UP; n++) {
      const begun = performance.now();
      await takeWhole(platform, `/api/v1${path(n)}`);
      // The first ones open connections and warm the caches.
      if (n >= WARM_UP) times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    figures.push({
      bench: 'history',
      figure: `${figure}: p95`,
      value: times[Math.floor(times.length * 0.95)] ?? 0,
      unit: 'ms',
      n: LOOKS,
      promise: PROMISE,
    });
  }
}

/** Takes an answer as it comes: what reading its JSON costs is the reader's. */
async function takeWhole({ url, owner }: TestPlatform, path: string): Promise<void> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${owner.key ?? ''}` } });
  const bytes = await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${path}: ${Buffer.from(bytes).toString()}`);
}

async function asOwner<Row extends pg.QueryResultRow>(platform: TestPlatform, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: platform.database.logins.ownerUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
