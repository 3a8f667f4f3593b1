import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withPlatform } from './support/bench-platform.js';
import { bindPolicies } from './support/bound-policies.js';
import type { Load, LoadResult } from './support/load-process.js';
import { report, type Figure } from './support/report.js';

/** One failing Deployment after another, posted as CI does: with authentication, tenancy and recording. */
const CHECKS = 100;
const SECONDS = 8;
/** Connections and what is promised for the slowest in a hundred, in milliseconds. */
const CLOSED: [number, number][] = [
  [1, 0],
  [50, 200],
  [200, 600],
  [500, 1_500],
];
const ARRIVING: [number, number][] = [
  [50, 30],
  [150, 60],
  [300, 150],
];

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  await bindPolicies(platform.owner, CHECKS);
  const load = fork(fileURLToPath(new URL('./support/load-process.js', import.meta.url)));
  const carryOut = (wanted: Pick<Load, 'connections' | 'perSecond' | 'seconds'>): Promise<LoadResult> =>
    new Promise((resolve) => {
      load.once('message', (result) => resolve(result as LoadResult));
      load.send({ url: platform.url, key: platform.owner.key ?? '', ...wanted });
    });
  await carryOut({ connections: 20, seconds: 4 });
  for (const [connections, promised] of CLOSED) {
    const before = process.cpuUsage();
    const result = await carryOut({ connections, seconds: SECONDS });
    const { user, system } = process.cpuUsage(before);
    const what = `${connections} connection${connections === 1 ? '' : 's'}, one Deployment × ${CHECKS} checks`;
    add(
      `${what}: rate`,
      result.latencies.length / result.seconds,
      'requests/s',
      result,
      connections >= 50 ? '≥ 500 requests/s' : undefined,
    );
    addTimes(what, result, promised);
    add(
      `${what}: processor time of API and engine a request`,
      (user + system) / 1_000 / result.latencies.length,
      'ms',
      result,
    );
  }
  for (const [perSecond, promised] of ARRIVING) {
    const result = await carryOut({ connections: 500, perSecond, seconds: SECONDS });
    addTimes(`${perSecond} requests a second arriving`, result, promised);
  }
  load.kill();
});
report(figures);

function addTimes(what: string, result: LoadResult, promised: number): void {
  add(`${what}: p50`, at(result, 0.5), 'ms', result);
  add(`${what}: p99`, at(result, 0.99), 'ms', result, promised === 0 ? undefined : `≤ ${promised} ms`);
  if (result.errors > 0) add(`${what}: errors`, result.errors, 'requests', result, '0');
}

function add(figure: string, value: number, unit: string, { latencies }: LoadResult, promise?: string): void {
  figures.push({
    bench: 'validate',
    figure,
    value,
    unit,
    n: latencies.length,
    ...(promise !== undefined && { promise }),
  });
}

function at({ latencies }: LoadResult, share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
}
