import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { publicId } from '#kernel';
import { AgentFleet, type FleetCluster } from './support/agent-fleet.js';
import type { Heard } from './support/agents-process.js';
import { cpuSeconds, peakMebibytes, residentMebibytes, tellsOfProcesses } from './support/process-usage.js';
import { percentile, report, type Figure } from './support/report.js';
import { SeparateProcesses } from './support/separate-processes.js';

/**
 * Agents of a whole fleet, each the product's own code over a connection of its own: what they cost while nothing
 * happens, how they come back after the API was killed, how fast they are asked for news. API, worker and Postgres are a
 * process each; the agents are others, on the same machine.
 */
const AGENTS = Number(process.env['BYLAW_BENCH_AGENTS'] ?? 1_000);
const OBJECTS = 2;
const PULLED = Math.min(100, AGENTS);
const REST_MS = 60_000;
const LOOK_MS = 250;
const WITHIN_MS = 30 * 60_000;
/** An agent has a connection and at times a request; everything else takes a few hundred. */
const FILES_NEEDED = 2 * AGENTS + 1_000;

const figures: Figure[] = [];
const add = (figure: string, value: number, unit: string, n: number, promise?: string): void => {
  figures.push({ bench: 'agents', figure, value, unit, n, ...(promise !== undefined && { promise }) });
  // Thousands take their time.
  process.stderr.write(`${figure}: ${value.toFixed(1)} ${unit}\n`);
};

requireLinux();
const platform = await SeparateProcesses.start();
try {
  const empty = residentMebibytes(platform.api.pid);
  const begun = performance.now();
  const fleet = await AgentFleet.enroll(platform.url, platform.owner, AGENTS, OBJECTS);
  add('clusters registered and agents enrolled', AGENTS / secondsSince(begun), 'a second', AGENTS);
  try {
    await connect(fleet);
    await rest(empty);
    await comeBack(fleet);
    await pull(fleet.clusters.slice(0, PULLED));
  } finally {
    fleet.stop();
  }
} finally {
  await platform.stop();
}
report(figures);

async function connect(fleet: AgentFleet): Promise<void> {
  const from = new Date();
  const begun = performance.now();
  fleet.begin();
  await acknowledged(from);
  add('all connected and acknowledged, from nothing', secondsSince(begun), 's', AGENTS);
  await until(async () => (await count('app.inventory_feed where complete')) === AGENTS, 'listings');
  add(`all listed, ${OBJECTS} objects each`, secondsSince(begun), 's', AGENTS);
  addHeard('from nothing', await fleet.heard());
  // What they hold is judged before anything else is measured.
  const open = `app.run where status in ('waiting', 'running')`;
  await until(async () => (await count(open)) + (await count('app.outbox where dispatched_at is null')) === 0, 'runs');
}

async function rest(empty: number): Promise<void> {
  const { api, worker, postgres } = platform;
  const taken = (): number[] => [api.pid, worker.pid, postgres.pid].map(cpuSeconds);
  await delay(REST_MS / 2);
  const before = taken();
  await delay(REST_MS);
  const cpu = taken().map((seconds, index) => seconds - (before[index] ?? 0));
  const resident = residentMebibytes(api.pid);
  const promise = AGENTS === 10_000 ? '≤ 1,536 MiB' : undefined;
  add(`memory of the API with ${AGENTS} agents connected`, resident, 'MiB', 1, promise);
  add('the most it ever was', peakMebibytes(api.pid), 'MiB', 1);
  add('of that for each agent, over the API alone', ((resident - empty) * 1_024) / AGENTS, 'KiB', AGENTS);
  for (const [index, name] of ['the API', 'the worker', 'Postgres'].entries())
    add(`CPU of ${name} while nothing happens`, cpu[index] ?? 0, 's/minute', 1);
}

/** All connections break in one moment. */
async function comeBack(fleet: AgentFleet): Promise<void> {
  await fleet.heard();
  const from = new Date();
  const killed = performance.now();
  platform.api.kill();
  await until(async () => (await platform.owner.get('/readyz').catch(() => undefined)) === undefined, 'its end');
  await platform.untilReady();
  const ready = performance.now();
  const away = await fleet.heard();
  await acknowledged(from);
  add('API killed → all connected and acknowledged again', secondsSince(killed), 's', AGENTS, '≤ 900 s');
  add('of that after the API was there again', secondsSince(ready), 's', AGENTS);
  const heard = await fleet.heard();
  addHeard('after the API was there again', { ...heard, errors: { ...heard.errors, ...away.errors } });
}

/** A run begins with the question for news (`sync`), which the agent answers over its connection. */
async function pull(clusters: readonly FleetCluster[]): Promise<void> {
  const from = new Date();
  const asked = new Map<string, number>();
  await Promise.all(
    clusters.map(async ({ id, owner }) => {
      asked.set(id, Date.now());
      const { status, body } = await owner.post(`/api/v1/clusters/${id}/runs`);
      if (status !== 202) throw new Error(JSON.stringify(body));
    }),
  );
  const news = `app.mailbox where created_at >= $1 and answered_at is not null`;
  await until(async () => (await count(news, [from])) === clusters.length, 'news');
  const rows = await platform.query<{ cluster_id: string; created_at: Date; answered_at: Date }>(
    `select cluster_id, created_at, answered_at from ${news}`,
    [from],
  );
  const nudges = rows.map(({ created_at: left, answered_at: at }) => at.getTime() - left.getTime());
  const waits = rows.map(
    ({ cluster_id: id, answered_at: at }) => at.getTime() - (asked.get(publicId('cluster', id)) ?? 0),
  );
  add('question for news left → answered: p50', percentile(nudges, 0.5), 'ms', nudges.length);
  add('question for news left → answered: p95', percentile(nudges, 0.95), 'ms', nudges.length);
  add(`${clusters.length} runs asked for at once → news: p95`, percentile(waits, 0.95), 'ms', waits.length);
}

function addHeard(when: string, { refused, away, errors }: Heard): void {
  const failed = Object.values(errors).reduce((sum, times) => sum + times, away);
  add(`told to come later (429, 503), ${when}`, refused, 'times', AGENTS);
  add(`errors, ${when}`, failed, 'errors', AGENTS, '0');
  for (const [what, times] of Object.entries({ ...errors, ...(away > 0 && { 'broken connections': away }) }))
    process.stderr.write(`${when}: ${times} × ${what}\n`);
}

/** Until every agent has had an answer to its first heartbeat since then. */
async function acknowledged(from: Date): Promise<void> {
  const newer = async (): Promise<number> => count('app.agent_connection where connected_at >= $1', [from]);
  await until(async () => (await newer()) === AGENTS, `${AGENTS} agents to be connected`);
}

async function count(rows: string, parameters: unknown[] = []): Promise<number> {
  const [row] = await platform.query<{ n: number }>(`select count(*)::int as n from ${rows}`, parameters);
  return row?.n ?? 0;
}

/** Looks now and then: what is measured is not to wait for who measures. */
async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
    await delay(LOOK_MS);
  }
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1_000;
}

function requireLinux(): void {
  if (!tellsOfProcesses()) throw new Error('The bench reads memory and CPU of processes from /proc, as Linux has it.');
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  if (limit !== undefined && Number(limit) < FILES_NEEDED)
    process.stderr.write(
      `${AGENTS} agents may need ${FILES_NEEDED} open files in one process, and ${limit} is the most here (ulimit -n): where they are too few, connections are refused that count as errors below.\n`,
    );
}
