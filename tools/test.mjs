import { join } from 'node:path';
import { build } from './build.mjs';
import { become, install, requireNode, ROOT } from './process.mjs';

requireNode();
install();
await build();
const given = process.argv.slice(2);
// The long form of the fault tests: more kills than a run of everything has time for.
const faults = given.includes('--faults');
const args = faults ? ['dist/test/faults'] : given;
become(
  process.execPath,
  [
    '--enable-source-maps',
    '--experimental-vm-modules',
    '--no-warnings',
    join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...args,
  ],
  faults ? { env: { ...process.env, BYLAW_FAULTS_KILLS: '50' } } : {},
);
