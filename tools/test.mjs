import { join } from 'node:path';
import { build } from './build.mjs';
import { become, install, requireNode, ROOT } from './process.mjs';

requireNode();
install();
await build();
become(process.execPath, [
  '--enable-source-maps',
  '--experimental-vm-modules',
  '--no-warnings',
  join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
  ...process.argv.slice(2),
]);
