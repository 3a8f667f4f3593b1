import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '#kernel';
import type { ViolationShape } from '#contracts';
import { eventually } from '#testing';
import { runAgent } from '../apps/agent/src/agent.js';
import { TestAgent } from '../test/support/test-agent.js';
import type { TestPlatform } from '../test/support/test-platform.js';
import { withPlatform } from './support/bench-platform.js';
import { aDeployment } from './support/objects.js';
import { percentile, report, type Figure } from './support/report.js';

/** An object changes: how long until its violation is to be seen over the API. */
const CHANGES = 60;
const EDITS = 30;
const OTHERS = 500;
const FILES = 200;

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  figures.push(...figuresOf('change sent by the agent', await changesSent(platform)));
  figures.push(...figuresOf(`file edited, in a folder of ${FILES}`, await filesEdited(platform)));
});
report(figures);

async function changesSent(platform: TestPlatform): Promise<number[]> {
  const agent = await TestAgent.enroll(platform, platform.owner, 'change');
  await agent.list(Array.from({ length: OTHERS }, (_, index) => aDeployment(index)));
  const times: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const name = `changed-${i}`;
    const begun = performance.now();
    await agent.send([{ op: 'upsert', object: withOneReplica(name) }]);
    await untilVisible(platform, name);
    times.push(performance.now() - begun);
  }
  return times;
}

async function filesEdited(platform: TestPlatform): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bylaw-folder-'));
  const ended = new AbortController();
  for (let i = 0; i < FILES; i++) writeFileSync(join(folder, `app-${i}.json`), JSON.stringify(aDeployment(i)));
  const registered = await platform.owner.post('/api/v1/clusters', { name: 'edited' });
  const { enrollment } = registered.body as { enrollment: { token: string } };
  const agent = runAgent({
    server: platform.url,
    token: enrollment.token,
    manifests: folder,
    stateFolder: mkdtempSync(join(tmpdir(), 'bylaw-agent-')),
    version: 'bench',
    say: () => undefined,
    signal: ended.signal,
  });
  try {
    await untilVisible(platform, 'app-0');
    const times: number[] = [];
    for (let i = 0; i < EDITS; i++) {
      const begun = performance.now();
      writeFileSync(join(folder, 'app-1.json'), JSON.stringify(withOneReplica(`edited-${i}`)));
      await untilVisible(platform, `edited-${i}`);
      times.push(performance.now() - begun);
    }
    return times;
  } finally {
    ended.abort();
    await agent;
    rmSync(folder, { recursive: true, force: true });
  }
}

function withOneReplica(name: string): JsonObject {
  const base = aDeployment(1);
  return { ...base, metadata: { name, namespace: 'team-1' }, spec: { ...(base['spec'] as JsonObject), replicas: 1 } };
}

async function untilVisible(platform: TestPlatform, name: string): Promise<void> {
  await eventually(async () => {
    const answer = await platform.owner.get(`/api/v1/violations?policy=replicas-minimum&q=${name}`);
    return (answer.body as { items: ViolationShape[] }).items.length > 0;
  }, name);
}

function figuresOf(what: string, times: readonly number[]): Figure[] {
  const figure = (share: number, promise?: string): Figure => ({
    bench: 'change',
    figure: `${what} → violation visible, p${share * 100}`,
    value: percentile(times, share),
    unit: 'ms',
    n: times.length,
    ...(promise !== undefined && { promise }),
  });
  return [figure(0.5), figure(0.95, '≤ 2,000')];
}
