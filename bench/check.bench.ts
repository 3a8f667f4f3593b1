import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { loadStockLibrary } from '#engine';
import { gvkOf, kindMatches } from '#kube';
import { writeConftestCase } from './support/conftest-case.js';
import { aDeployment } from './support/objects.js';
import { peerBinary } from './support/peers.js';
import { peakMebibytes, tellsOfProcesses } from './support/process-usage.js';
import { type Figure, percentile, report } from './support/report.js';

/** `bylaw check` from its package: one file in a process of its own, then two thousand beside conftest. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist', 'cli-package', 'dist', 'apps', 'cli', 'src', 'main.js');
const COLD_RUNS = 10;
const FILES = 2_000;
const MANY_RUNS = 3;
const LOOKED_AT_EVERY_MS = 25;
const SET = 'everything';

interface Run {
  ms: number;
  /** MiB; not known everywhere. */
  peak: number | undefined;
}

execFileSync(process.execPath, [join(ROOT, 'tools', 'pack-cli.mjs'), '--no-build'], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const folder = mkdtempSync(join(tmpdir(), 'bylaw-bench-'));
try {
  report([...(await cold()), ...(await many())]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function cold(): Promise<Figure[]> {
  const file = join(folder, 'one.yaml');
  writeFileSync(file, stringify(aDeployment(0)));
  await run(process.execPath, [PROGRAM, 'check', file]);
  const runs: Run[] = [];
  for (let index = 0; index < COLD_RUNS; index++) runs.push(await run(process.execPath, [PROGRAM, 'check', file]));
  const alone: Run[] = [];
  for (let index = 0; index < COLD_RUNS; index++) alone.push(await run(process.execPath, ['-e', '0']));
  return [
    { ...figure('one file, cold, median', median(runs), 'ms', COLD_RUNS), promise: '≤ 300 ms' },
    figure('Node alone, median', median(alone), 'ms', COLD_RUNS),
  ];
}

async function many(): Promise<Figure[]> {
  const { manifest } = await loadStockLibrary();
  const object = aDeployment(0);
  const gvk = gvkOf(object) ?? { group: '', version: '', kind: '' };
  const judging = manifest.policies.filter(({ metadata }) =>
    metadata.kinds.some((kind) => kindMatches(kind, gvk, object)),
  );
  const files = join(folder, 'files');
  mkdirSync(files);
  for (let index = 0; index < FILES; index++)
    writeFileSync(join(files, `${index}.yaml`), stringify(aDeployment(index), { aliasDuplicateObjects: false }));
  const what = `${FILES.toLocaleString('en')} files × ${judging.length} policies (of ${manifest.policies.length})`;
  const ours = await best(process.execPath, [PROGRAM, 'check', files, '--set', SET, '--format', 'compact']);
  const figures = [
    { ...figure(what, ours.ms / 1_000, 's', MANY_RUNS), promise: 'no slower than the peer' },
    ...peakOf(what, ours, '≤ 400 MB'),
  ];
  const conftest = peerBinary('conftest');
  if (conftest === undefined) return figures;
  const given = writeConftestCase(join(folder, 'peer'), judging, FILES);
  const peer = await best(conftest, ['test', '--no-color', '--output', 'json', '-p', given.policies, given.files]);
  const name = `peer: conftest, the same ${judging.length}`;
  return [...figures, figure(name, peer.ms / 1_000, 's', MANY_RUNS), ...peakOf(name, peer)];
}

/** The quickest of a few: what else the machine does only ever adds. */
async function best(command: string, args: string[]): Promise<Run> {
  const runs: Run[] = [];
  for (let index = 0; index < MANY_RUNS; index++) runs.push(await run(command, args));
  return runs.reduce((a, b) => (a.ms <= b.ms ? a : b));
}

/** Violations are found, so that both end with 1; whatever is printed is read. */
async function run(command: string, args: string[]): Promise<Run> {
  const begun = performance.now();
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
  let peak: number | undefined;
  const look = (): void => {
    try {
      if (child.pid !== undefined) peak = peakMebibytes(child.pid) || peak;
    } catch {
      // It has ended since.
    }
  };
  const timer = tellsOfProcesses() ? setInterval(look, LOOKED_AT_EVERY_MS) : undefined;
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (status !== 1 && status !== 0) throw new Error(`${command} ended with ${status} after ${bytes} bytes`);
  return { ms: performance.now() - begun, peak };
}

function median(runs: readonly Run[]): number {
  return percentile(
    runs.map(({ ms }) => ms),
    0.5,
  );
}

function peakOf(what: string, { peak }: Run, promise?: string): Figure[] {
  if (peak === undefined) return [];
  return [{ ...figure(`${what}: peak memory`, peak, 'MiB', 1), ...(promise !== undefined && { promise }) }];
}

function figure(what: string, value: number, unit: string, n: number): Figure {
  return { bench: 'check', figure: what, value, unit, n };
}
