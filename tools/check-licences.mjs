import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

/** Licences that an Apache-2.0 product may ship with. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'PostgreSQL',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'MIT-0',
  'Python-2.0',
]);

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const wrong = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || entry.dev || entry.devOptional) continue;
  const manifest = join(ROOT, path, 'package.json');
  const licence =
    entry.license ?? (existsSync(manifest) ? licenceOf(JSON.parse(readFileSync(manifest, 'utf8'))) : undefined);
  if (licence === undefined && entry.optional) continue;
  if (!choices(licence).some((choice) => ALLOWED.has(choice))) wrong.push(`${path}: ${licence ?? 'says no licence'}`);
}
for (const line of wrong) process.stdout.write(`${line}\n`);
process.exit(wrong.length > 0 ? 1 : 0);

function licenceOf({ license, licenses }) {
  if (typeof license === 'string') return license;
  return license?.type ?? licenses?.[0]?.type;
}

function choices(licence) {
  return (licence ?? '').replace(/[()]/g, '').split(/ OR /);
}
