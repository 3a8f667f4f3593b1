import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { become, fail, install, requireNode, ROOT } from './process.mjs';

requireNode();
install();
await build();
const folder = join(ROOT, 'dist', 'bench');
const [name = ''] = process.argv.slice(2);
const file = join(folder, `${name}.bench.js`);
if (!/^[a-z-]+$/.test(name) || !existsSync(file)) {
  const names = readdirSync(folder)
    .filter((entry) => entry.endsWith('.bench.js'))
    .map((entry) => entry.replace('.bench.js', ''));
  fail(`Usage: npm run bench -- ${names.join(' | ')}`);
}
become(process.execPath, ['--enable-source-maps', '--no-warnings', file]);
