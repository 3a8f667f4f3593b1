import pg from 'pg';
import { requirePublicId } from '#kernel';
import type { ClusterShape, RunShape } from '#contracts';
import { eventually } from '#testing';
import { Deployment } from '../test/support/deployment.js';
import { aDeployment } from './support/objects.js';
import { report, type Figure } from './support/report.js';

/** Workers killed in the middle of runs, two at work: how much later the run is done, and whether it is right. */
const OBJECTS = 2_000;
const KILLS = 20;

const figures: Figure[] = [];
const deployment = new Deployment();
for (let n = 0; n < OBJECTS; n++) deployment.write(`fleet/${n}.json`, JSON.stringify(aDeployment(n)));
await deployment.start();
try {
  await deployment.addAgent('fleet');
  await measure();
} finally {
  await deployment.stop();
}
report(figures);

async function measure(): Promise<void> {
  const { owner } = deployment;
  const { body } = await owner.get('/api/v1/clusters');
  const cluster = (body as { items: ClusterShape[] }).items[0]?.id ?? '';
  await eventually(async () => (await judged(cluster)) === OBJECTS, 'the first run', 120_000);
  const before = await counts();
  const undisturbed: number[] = [];
  for (let n = 0; n < 5; n++) undisturbed.push(await timed(() => run(cluster, false)));
  const killed: number[] = [];
  for (let n = 0; n < KILLS; n++) killed.push(await timed(() => run(cluster, true)));
  const after = await counts();
  const usual = sorted(undisturbed)[2] ?? 0;
  figures.push({
    bench: 'recovery',
    figure: `a run of ${OBJECTS} objects, undisturbed: p50`,
    value: usual / 1_000,
    unit: 's',
    n: 5,
  });
  figures.push({
    bench: 'recovery',
    figure: 'its worker killed in the middle → done elsewhere: p50',
    value: at(killed, 0.5),
    unit: 's',
    n: KILLS,
  });
  figures.push({
    bench: 'recovery',
    figure: 'its worker killed in the middle → done elsewhere: p95',
    value: at(killed, 0.95),
    unit: 's',
    n: KILLS,
    promise: '≤ 15 s',
  });
  const lost = before.filter((row, index) => row !== after[index]).length;
  figures.push({
    bench: 'recovery',
    figure: 'counts that were lost or doubled',
    value: lost,
    unit: 'counts',
    n: before.length,
    promise: '0',
  });
}

/** Asks for a run and waits until it is done; a worker that has it is killed once its first chunks are written. */
async function run(cluster: string, kill: boolean): Promise<void> {
  const { owner, workers } = deployment;
  const asked = (await owner.post(`/api/v1/clusters/${cluster}/runs`)).body as RunShape;
  const look = async (): Promise<RunShape> => (await owner.get(`/api/v1/runs/${asked.id}`)).body as RunShape;
  if (kill) {
    await eventually(async () => ((await look()).counts.objects ?? 0) > 0, 'the first chunk', 30_000);
    // Which of them has it is not told: both are ended, and both are started again, as their supervisor does.
    for (const worker of workers) worker.kill();
  }
  await eventually(async () => (await look()).status === 'done', 'the run', 60_000);
}

async function judged(cluster: string): Promise<number> {
  const rows = await ask<{ n: number }>(
    `select count(*)::int as n from app.object_evaluation e join app.inventory_object o using (org_id, object_id) where o.cluster_id = $1`,
    [requirePublicId('cluster', cluster)],
  );
  return rows[0]?.n ?? 0;
}

async function counts(): Promise<string[]> {
  const rows = await ask<{ line: string }>(
    `select concat_ws(' ', namespace, check_id, pass, fail, waived, error, skipped) as line from app.compliance_head order by namespace, check_id`,
    [],
  );
  return rows.map(({ line }) => line);
}

async function ask<Row extends pg.QueryResultRow>(sql: string, parameters: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: deployment.databaseUrl() });
  await client.connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function at(times: readonly number[], share: number): number {
  return (sorted(times)[Math.floor((times.length - 1) * share)] ?? 0) / 1_000;
}

function sorted(times: readonly number[]): number[] {
  return [...times].sort((a, b) => a - b);
}
