import { systemScope } from '#kernel';
import { INVENTORY_BATCH_MAX, type RunShape } from '#contracts';
import { RunLedger } from '#evaluation';
import { Database } from '#platform';
import { eventually } from '#testing';
import { requirePublicId } from '#kernel';
import { TestAgent } from '../test/support/test-agent.js';
import type { TestPlatform } from '../test/support/test-platform.js';
import { withPlatform } from './support/bench-platform.js';
import { bindPolicies } from './support/bound-policies.js';
import { aDeployment } from './support/objects.js';
import { report, type Figure } from './support/report.js';

/** A cluster judged from nothing, and again with nothing changed. */
const OBJECTS = 5_000;
const CHECKS = [25, 100];

const figures: Figure[] = [];
for (const checks of CHECKS) await withPlatform((platform) => rescan(platform, checks));
report(figures);

async function rescan(platform: TestPlatform, checks: number): Promise<void> {
  const { orgId, policies } = await bindPolicies(platform, checks);
  const agent = await TestAgent.enroll(platform, platform.owner, `rescan-${checks}`);
  const how = `${checks} checks (${policies} policies)`;
  const begun = performance.now();
  for (let start = 0; start < OBJECTS; start += INVENTORY_BATCH_MAX) {
    const changes = Array.from({ length: INVENTORY_BATCH_MAX }, (_, i) => ({
      op: 'upsert' as const,
      object: aDeployment(start + i),
    }));
    await agent.send(changes, start + INVENTORY_BATCH_MAX >= OBJECTS ? 'end' : 'part');
  }
  await idle(platform);
  figures.push({
    bench: 'rescan',
    figure: `${OBJECTS} new objects × ${how}: sent, judged, kept`,
    value: seconds(begun),
    unit: 's',
    n: 1,
    promise: '≤ 15 s',
  });
  for (const force of [true, false]) {
    const again = performance.now();
    const run = await platform.app.get(Database).run(systemScope(orgId, 'bench'), (tx) =>
      platform.app.get(RunLedger).want(tx, requirePublicId('cluster', agent.clusterId), {
        trigger: 'policy-change',
        scope: { all: true },
        force,
      }),
    );
    await idle(platform);
    const what = force ? 'all judged again' : 'nothing changed';
    figures.push({
      bench: 'rescan',
      figure: `${OBJECTS} objects × ${how}: ${what}`,
      value: seconds(again),
      unit: 's',
      n: run === '' ? 0 : 1,
      ...(force ? {} : { promise: '≤ 2 s' }),
    });
  }
  figures.push({
    bench: 'rescan',
    figure: `memory of the whole process, ${how}`,
    value: process.memoryUsage().rss / 2 ** 20,
    unit: 'MiB',
    n: 1,
    promise: '≤ 400 (worker)',
  });
}

async function idle(platform: TestPlatform): Promise<void> {
  await eventually(
    async () => {
      const { items } = (await platform.owner.get('/api/v1/runs?limit=5')).body as { items: RunShape[] };
      const compliance = (await platform.owner.get('/api/v1/compliance')).body as { objects: { total: number } };
      return compliance.objects.total === OBJECTS && items.length > 0 && items.every(({ status }) => status === 'done');
    },
    'all runs to be done',
    300_000,
  );
}

function seconds(begun: number): number {
  return (performance.now() - begun) / 1_000;
}
