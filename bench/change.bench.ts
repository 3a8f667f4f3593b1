import type { ViolationShape } from '#contracts';
import type { JsonObject } from '#kernel';
import { eventually } from '#testing';
import { TestAgent } from '../test/support/test-agent.js';
import { withPlatform } from './support/bench-platform.js';
import { aDeployment } from './support/objects.js';
import { percentile, report } from './support/report.js';

/** An object changes in the cluster: how long until its violation is to be seen over the API. */
const CHANGES = 60;
const OTHERS = 500;

await withPlatform(async (platform) => {
  const agent = await TestAgent.enroll(platform, platform.owner, 'change');
  await agent.list(Array.from({ length: OTHERS }, (_, index) => aDeployment(index)));
  const times: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const name = `changed-${i}`;
    const base = aDeployment(0);
    const object = {
      ...base,
      metadata: { name, namespace: 'team-0' },
      spec: { ...(base['spec'] as JsonObject), replicas: 1 },
    };
    const begun = performance.now();
    await agent.send([{ op: 'upsert', object }]);
    await eventually(async () => {
      const { items } = (await platform.owner.get(`/api/v1/violations?policy=replicas-minimum&q=${name}`)).body as {
        items: ViolationShape[];
      };
      return items.length > 0;
    }, name);
    times.push(performance.now() - begun);
  }
  report([
    {
      bench: 'change',
      figure: 'change sent → violation visible, p50',
      value: percentile(times, 0.5),
      unit: 'ms',
      n: CHANGES,
    },
    {
      bench: 'change',
      figure: 'change sent → violation visible, p95',
      value: percentile(times, 0.95),
      unit: 'ms',
      n: CHANGES,
      promise: '≤ 2,000',
    },
  ]);
});
