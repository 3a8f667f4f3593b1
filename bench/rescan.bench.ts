import { setTimeout as delay } from 'node:timers/promises';
import { INVENTORY_BATCH_MAX, type BindingShape, type RunShape } from '#contracts';
import { eventually } from '#testing';
import { TestAgent } from '../test/support/test-agent.js';
import { bindPolicies } from './support/bound-policies.js';
import { aDeployment } from './support/objects.js';
import { peakMebibytes, tellsOfProcesses } from './support/process-usage.js';
import { report, type Figure } from './support/report.js';
import { SeparateProcesses } from './support/separate-processes.js';

/** A cluster judged from nothing, and again with nothing changed; API, worker and Postgres are a process each. */
const OBJECTS = 5_000;
const CHECKS = [25, 100];
/** Whoever looks too often is a load himself. */
const LOOK_MS = 100;

const figures: Figure[] = [];
for (const checks of CHECKS) {
  const platform = await SeparateProcesses.start();
  try {
    await rescan(platform, checks);
  } finally {
    await platform.stop();
  }
}
report(figures);

async function rescan(platform: SeparateProcesses, checks: number): Promise<void> {
  const { owner, worker } = platform;
  const { binding, policies } = await bindPolicies(owner, checks);
  const agent = await TestAgent.enroll(platform, owner, `rescan-${checks}`);
  const how = `${checks} checks (${policies} policies)`;
  const add = (figure: string, value: number, unit: string, promise?: string): void => {
    figures.push({ bench: 'rescan', figure, value, unit, n: 1, ...(promise !== undefined && { promise }) });
  };
  const whole = checks === 100;
  const first = await timed(owner, () => list(agent));
  add(`${OBJECTS} new objects × ${how}: sent, judged, kept`, first, 's', whole ? '≤ 15 s' : undefined);
  const again = await timed(owner, async () => {
    await owner.post(`/api/v1/clusters/${agent.clusterId}/runs`);
  });
  add(`${OBJECTS} objects × ${how}: all judged again`, again, 's');
  const unchanged = await timed(owner, () => touch(owner, binding));
  add(`${OBJECTS} objects × ${how}: nothing changed`, unchanged, 's', whole ? '≤ 2 s' : undefined);
  if (tellsOfProcesses())
    add(`memory of the worker at its most, ${how}`, peakMebibytes(worker.pid), 'MiB', '≤ 400 MiB');
}

async function list(agent: TestAgent): Promise<void> {
  for (let start = 0; start < OBJECTS; start += INVENTORY_BATCH_MAX) {
    const changes = Array.from({ length: INVENTORY_BATCH_MAX }, (_, i) => ({
      op: 'upsert' as const,
      object: aDeployment(start + i),
    }));
    await agent.send(changes, start + INVENTORY_BATCH_MAX >= OBJECTS ? 'end' : 'part');
  }
}

/** A change of a binding that changes no verdict: everything is looked at. */
async function touch(owner: TestAgent['client'], binding: string): Promise<void> {
  const { body } = await owner.get(`/api/v1/bindings/${binding}`);
  const { priority } = body as BindingShape;
  const answer = await owner.send('PATCH', `/api/v1/bindings/${binding}`, { priority: priority + 1 });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** @returns seconds until all that the work made necessary is done */
async function timed(owner: TestAgent['client'], work: () => Promise<void>): Promise<number> {
  const before = (await runs(owner))[0]?.id;
  const begun = performance.now();
  await work();
  const isDone = async (): Promise<boolean> => {
    await delay(LOOK_MS);
    const all = await runs(owner);
    if (all[0]?.id === before || !all.every(({ status }) => status === 'done')) return false;
    const { objects } = (await owner.get('/api/v1/compliance')).body as { objects: { total: number } };
    return objects.total === OBJECTS;
  };
  await eventually(isDone, 'all runs to be done', 300_000);
  return (performance.now() - begun) / 1_000;
}

async function runs(owner: TestAgent['client']): Promise<RunShape[]> {
  return ((await owner.get('/api/v1/runs?limit=5')).body as { items: RunShape[] }).items;
}
