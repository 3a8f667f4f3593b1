import { join } from 'node:path';
import { build } from './build.mjs';
import { become, install, requireNode, ROOT } from './process.mjs';

requireNode();
install();
await build();
const args = process.argv.slice(2);
const own = args.some((arg) => arg.startsWith('--manifests'));
become(
  process.execPath,
  ['--enable-source-maps', join(ROOT, 'dist', 'apps', 'standalone', 'src', 'main.js'), ...args],
  {
    env: { ...process.env, BYLAW_DEMO: process.env.BYLAW_DEMO ?? String(!own) },
  },
);
