import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withPlatform } from './support/bench-platform.js';
import { bindPolicies, policiesOfDeployments } from './support/bound-policies.js';
import type { TestClient } from '../test/support/test-client.js';
import { aDeployment } from './support/objects.js';
import type { Load, LoadResult } from './support/load-process.js';
import { OpaPolicies } from './support/opa-policies.js';
import { OpaServer } from './support/opa-server.js';
import { peerBinary } from './support/peers.js';
import { report, type Figure } from './support/report.js';

/** One failing Deployment after another, posted as CI does: with authentication, tenancy and recording. */
const CHECKS = 100;
const SECONDS = 8;
const OBJECTS = 2_000;
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
      load.send({ url: `${platform.url}/api/v1/validate`, key: platform.owner.key ?? '', ...wanted });
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
  await besideLargeBody(platform.owner, carryOut);
  load.kill();
});
await peer();
report(figures);

/** OPA's own server with the same policies, one evaluation a request: no authentication, no recording, no fixes. */
async function peer(): Promise<void> {
  const opa = peerBinary('opa');
  if (opa === undefined) return;
  const policies = new OpaPolicies(await policiesOfDeployments());
  const server = await OpaServer.start(opa, policies.folder);
  const load = fork(fileURLToPath(new URL('./support/load-process.js', import.meta.url)));
  try {
    const carryOut = (wanted: Pick<Load, 'connections' | 'seconds'>): Promise<LoadResult> =>
      new Promise((resolve) => {
        load.once('message', (result) => resolve(result as LoadResult));
        load.send({ url: `${server.url}/v1/data/bylaw`, opa: { parameters: policies.defaults }, ...wanted });
      });
    await carryOut({ connections: 20, seconds: 4 });
    for (const [connections] of CLOSED.slice(0, 3)) {
      const result = await carryOut({ connections, seconds: SECONDS });
      const what = `peer: opa run --server, ${connections} connection${connections === 1 ? '' : 's'}`;
      add(`${what}: rate`, result.latencies.length / result.seconds, 'requests/s', result);
      addTimes(what, result, 0);
    }
  } finally {
    load.kill();
    await server.stop();
    policies.dispose();
  }
}

/** One body of many objects, and single ones beside it. */
async function besideLargeBody(
  owner: TestClient,
  carryOut: (wanted: { connections: number; seconds: number }) => Promise<LoadResult>,
): Promise<void> {
  const single = { connections: 1, seconds: SECONDS };
  const alone = await carryOut(single);
  const specs = Array.from({ length: OBJECTS }, (_, index) => aDeployment(index));
  const begun = performance.now();
  let seconds = 0;
  const large = owner.post('/api/v1/validate', { specs }).then(({ status }) => {
    if (status !== 200) throw new Error(`the large body was answered with ${status}`);
    seconds = (performance.now() - begun) / 1_000;
  });
  const beside = await carryOut({ ...single, seconds: SECONDS / 4 });
  await large;
  const what = `one body of ${OBJECTS} objects × ${CHECKS} checks`;
  figures.push({ bench: 'validate', figure: what, value: seconds, unit: 's', n: 1, promise: '≤ 8 s' });
  add('single posts one after another, alone: p50', at(alone, 0.5), 'ms', alone);
  add(`beside ${what}: p50`, at(beside, 0.5), 'ms', beside, '≤ 2 × alone');
  add(`beside ${what}: p99`, at(beside, 0.99), 'ms', beside);
}

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
