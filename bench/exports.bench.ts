import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { TEST_SECRET } from '#testing';
import { fillViolations } from '../test/support/many-violations.js';
import { TestAgent } from '../test/support/test-agent.js';
import type { TestPlatform } from '../test/support/test-platform.js';
import { withPlatform } from './support/bench-platform.js';
import { report, type Figure } from './support/report.js';

/** An organization with many violations exports them all, from an API process of its own. */
const ROWS = 1_000_000;
const SAMPLED_EVERY_MS = 200;
const RESIDENT = 'process_resident_memory_bytes';
const CPU = 'process_cpu_seconds_total';
const MAIN = fileURLToPath(new URL('../apps/api/src/main.js', import.meta.url));
const EXPORTS = ['violations.csv', 'violations.jsonl', 'violations.csv?history=true'];

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  const { clusterId } = await TestAgent.enroll(platform, platform.owner, 'many');
  process.stderr.write(`Filling ${ROWS} violations\n`);
  await fillViolations(platform, clusterId, ROWS);
  await analyze(platform);
  const api = await startApi(platform);
  try {
    figures.push(memory('before the first export', await metric(api.url, RESIDENT)));
    for (const path of EXPORTS) await measure(api.url, platform.owner.key ?? '', path);
  } finally {
    api.child.kill();
    await once(api.child, 'exit');
  }
});
report(figures);

async function measure(url: string, key: string, path: string): Promise<void> {
  let peak = 0;
  const sampling = setInterval(() => {
    void metric(url, RESIDENT).then(
      (bytes) => (peak = Math.max(peak, bytes)),
      () => undefined,
    );
  }, SAMPLED_EVERY_MS);
  const cpuBefore = await metric(url, CPU);
  const begun = performance.now();
  const { rows, bytes, firstMs } = await take(`${url}/api/v1/exports/${path}`, key);
  const seconds = (performance.now() - begun) / 1_000;
  clearInterval(sampling);
  if (rows !== ROWS) throw new Error(`${path}: ${rows} rows, not ${ROWS}`);
  const figure = (what: string, value: number, unit: string, promise?: string): Figure => ({
    bench: 'exports',
    figure: `${path}: ${what}`,
    value,
    unit,
    n: 1,
    ...(promise !== undefined && { promise }),
  });
  figures.push(
    figure('rows', rows / seconds, 'rows/s', '≥ 20,000'),
    // What is left where the machine has more to do than this.
    figure('processor time of the API process a row', (((await metric(url, CPU)) - cpuBefore) / rows) * 1e6, 'µs'),
    figure('bytes', bytes / seconds / 2 ** 20, 'MiB/s'),
    figure('first byte', firstMs, 'ms'),
    memory(`peak, ${path}`, peak),
  );
}

function memory(when: string, bytes: number): Figure {
  return {
    bench: 'exports',
    figure: `memory of the API process, ${when}`,
    value: bytes / 2 ** 20,
    unit: 'MiB',
    n: 1,
    promise: '≤ 200',
  };
}

/** Takes a file as fast as it comes, and counts its lines without the header. */
async function take(url: string, key: string): Promise<{ rows: number; bytes: number; firstMs: number }> {
  const begun = performance.now();
  const [response] = (await once(get(url, { headers: { authorization: `Bearer ${key}` } }), 'response')) as [
    IncomingMessage,
  ];
  const firstMs = performance.now() - begun;
  let bytes = 0;
  let lines = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  }
  return { rows: url.includes('.csv') ? lines - 1 : lines, bytes, firstMs };
}

/** One of the process's own figures, as it shows them to Prometheus. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}

/** As autovacuum would have done. */
async function analyze({ database }: TestPlatform): Promise<void> {
  const owner = new pg.Client({ connectionString: database.logins.ownerUrl });
  await owner.connect();
  await owner.query('vacuum analyze');
  await owner.end();
}

async function startApi({ owner, database }: TestPlatform): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['--no-warnings', MAIN], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      LOG_FORMAT: 'json',
      DATABASE_URL: database.logins.applicationUrl,
      DATABASE_OWNER_URL: database.logins.ownerUrl,
      BYLAW_INIT_API_KEY: owner.key,
      BYLAW_SECRET_KEY: TEST_SECRET.toString('base64'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return { url: url.replace('[::1]', 'localhost'), child };
  }
  throw new Error('the API process did not start');
}
