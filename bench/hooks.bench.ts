import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withPlatform } from './support/bench-platform.js';
import type { Load, LoadResult } from './support/load-process.js';
import { percentile, report, type Figure } from './support/report.js';

/** Deliveries of one git source that come at once, to the API alone: providers give up hooks that keep them waiting. */
const SECRET = 'the-secret-of-the-bench';
const SECONDS = 8;
const PROMISE = '≤ 100 ms';
const MANY = 1_000;

/** Deliveries of so many branches: so many at once, each followed by another, or so many a second. */
interface Deliveries {
  branches: number;
  connections: number;
  perSecond?: number;
}

const LOADS: readonly Deliveries[] = [
  { branches: MANY, connections: 1 },
  { branches: MANY, connections: 10 },
  { branches: 1, connections: 10 },
  { branches: MANY, connections: 50 },
  { branches: MANY, connections: 500, perSecond: 50 },
  { branches: MANY, connections: 500, perSecond: 100 },
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
  const carryOut = ({ branches, ...arriving }: Deliveries, seconds: number): Promise<LoadResult> =>
    new Promise((resolve) => {
      load.once('message', (result) => resolve(result as LoadResult));
      load.send({ url, hook: { secret: SECRET, branches }, ...arriving, seconds } satisfies Load);
    });
  await carryOut({ branches: MANY, connections: 10 }, SECONDS / 2);
  for (const deliveries of LOADS) add(deliveries, await carryOut(deliveries, SECONDS));
  load.kill();
}, false);
report(figures);

function add({ connections, branches, perSecond }: Deliveries, { latencies, errors, seconds }: LoadResult): void {
  const how = perSecond === undefined ? `${connections} at once` : `${perSecond} a second`;
  const what = `${how}, ${branches === 1 ? 'all of one branch' : 'of many branches'}`;
  const n = latencies.length;
  const all = { bench: 'hooks', n };
  figures.push(
    { ...all, figure: `${what}: rate`, value: n / seconds, unit: 'deliveries/s' },
    { ...all, figure: `${what}: p50`, value: percentile(latencies, 0.5), unit: 'ms', promise: PROMISE },
    { ...all, figure: `${what}: p99`, value: percentile(latencies, 0.99), unit: 'ms', promise: PROMISE },
  );
  if (errors > 0) figures.push({ ...all, figure: `${what}: errors`, value: errors, unit: 'deliveries', promise: '0' });
}
