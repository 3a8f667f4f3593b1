import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withPlatform } from './support/bench-platform.js';
import type { Load, LoadResult } from './support/load-process.js';
import { percentile, report, type Figure } from './support/report.js';

/** Deliveries of one git source that come at once, to the API alone: providers give up hooks that keep them waiting. */
const SECRET = 'the-secret-of-the-bench';
const SECONDS = 8;
const PROMISE = '≤ 100 ms';
/** How many come at once, and of how many branches they tell. */
const LOADS: [connections: number, branches: number][] = [
  [1, 1_000],
  [10, 1_000],
  [10, 1],
  [50, 1_000],
];

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  const load = fork(fileURLToPath(new URL('./support/load-process.js', import.meta.url)));
  const { status, body } = await platform.owner.post('/api/v1/git-sources', {
    name: 'bench',
    provider: 'git',
    // Nobody is there, and no worker: what is measured is the answer.
    url: 'https://git.example.invalid/acme/shop.git',
    webhook_secret: SECRET,
    poll_minutes: 1_440,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  const url = `${platform.url}/api/v1/hooks/git/${(body as { id: string }).id}`;
  const carryOut = (connections: number, branches: number, seconds: number): Promise<LoadResult> =>
    new Promise((resolve) => {
      load.once('message', (result) => resolve(result as LoadResult));
      load.send({ url, hook: { secret: SECRET, branches }, connections, seconds } satisfies Load);
    });
  await carryOut(10, 1_000, 3);
  for (const [connections, branches] of LOADS) {
    const result = await carryOut(connections, branches, SECONDS);
    add(connections, branches, result);
  }
  load.kill();
}, false);
report(figures);

function add(connections: number, branches: number, { latencies, errors, seconds }: LoadResult): void {
  const what = `${connections} at once, ${branches === 1 ? 'all of one branch' : 'of many branches'}`;
  const n = latencies.length;
  const all = { bench: 'hooks', n };
  figures.push(
    { ...all, figure: `${what}: rate`, value: n / seconds, unit: 'deliveries/s' },
    { ...all, figure: `${what}: p50`, value: percentile(latencies, 0.5), unit: 'ms', promise: PROMISE },
    { ...all, figure: `${what}: p99`, value: percentile(latencies, 0.99), unit: 'ms', promise: PROMISE },
  );
  if (errors > 0) figures.push({ ...all, figure: `${what}: errors`, value: errors, unit: 'deliveries', promise: '0' });
}
