import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { become, install, requireNode, ROOT } from './process.mjs';

/** The oldest Postgres that is promised, as Debian packages it. */
const OLDEST_POSTGRES = '/usr/lib/postgresql/15';
/** What asks Postgres for most: the stores, row-level security, plans, history, and one way through everything. */
const ON_OLDEST = ['db\\.spec', 'dist/test/tenancy', 'dist/test/compliance', 'dist/test/first-slice'];
const JEST = [
  '--enable-source-maps',
  '--experimental-vm-modules',
  '--no-warnings',
  join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
];

requireNode();
install();
await build();
const given = process.argv.slice(2);
// The long form of the fault tests: more kills than a run of everything has time for.
if (given.includes('--faults'))
  become(process.execPath, [...JEST, 'dist/test/faults'], { env: { ...process.env, BYLAW_FAULTS_KILLS: '50' } });
else if (given.length > 0) become(process.execPath, [...JEST, ...given]);
else runEverything();

/** Once on the Postgres that npm brings; what asks it for most once more on the oldest one. */
function runEverything() {
  const folder = mkdtempSync(join(tmpdir(), 'bylaw-counts-'));
  const runs = [run(folder, 'all', [], {})];
  const postgres = join(OLDEST_POSTGRES, 'bin', 'postgres');
  if (existsSync(postgres)) {
    process.stdout.write(`\nOnce more on the Postgres in ${OLDEST_POSTGRES}\n`);
    runs.push(run(folder, 'oldest', ON_OLDEST, { BYLAW_TEST_POSTGRES: OLDEST_POSTGRES }));
  } else if (process.env.CI === 'true') {
    process.stdout.write(`\n${postgres} is missing: install Postgres 15\n`);
    runs.push({ passed: 0, failed: 1, skipped: 0 });
  } else process.stdout.write(`\n${postgres} is missing: nothing was tried on Postgres 15\n`);
  rmSync(folder, { recursive: true });
  const sum = (name) => runs.reduce((total, counts) => total + counts[name], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}

function run(folder, name, patterns, env) {
  const file = join(folder, name);
  const { status } = spawnSync(process.execPath, [...JEST, ...patterns], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env, BYLAW_TEST_COUNTS: file },
  });
  // Without its counts a run has broken down; one that ends badly though nothing failed has failed too.
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 1, skipped: 0 };
  return status === 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) };
}
