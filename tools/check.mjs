import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install, requireNode, ROOT } from './process.mjs';

const bin = (name) => join('node_modules', '.bin', name);

/** What a change has to pass; each by itself: `npm run check -- lint format`. */
const CHECKS = {
  lint: [bin('oxlint'), '--type-aware', '--quiet', 'apps', 'libs', 'migrations', 'test', 'tools'],
  format: [bin('prettier'), '--check', '--log-level=warn', '.'],
  imports: [
    bin('depcruise'),
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err',
    'apps',
    'libs',
    'migrations',
    'test',
  ],
  unused: [bin('knip'), '--no-progress'],
  budgets: [process.execPath, 'tools/check-budgets.mjs'],
  licences: [process.execPath, 'tools/check-licences.mjs'],
  drift: [process.execPath, 'tools/check-drift.mjs'],
};

requireNode();
install();
// The build is the check of types: it ends here where one is wrong.
await build();
const wanted = process.argv.slice(2).filter((arg) => arg !== '--fix');
const failed = [];
for (const [name, [command, ...args]] of Object.entries(CHECKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const begun = performance.now();
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  process.stdout.write(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`,
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  process.stderr.write(`\nchecks failed: ${failed.join(', ')}\n`);
  process.exit(1);
}
