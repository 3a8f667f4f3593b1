import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

/** STYLE: a file has one subject. Past the first number a concept is probably missing, past the second it is. */
const FILE_WARNS = 300;
const FILE_FAILS = 400;
const COLLABORATORS = 5;

const tracked = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs', '*.go', '*.rego'],
  { cwd: ROOT, encoding: 'utf8' },
);
let failed = false;
for (const file of tracked.split('\n').filter(Boolean)) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const lines = text.split('\n').length;
  if (lines > FILE_FAILS) {
    failed = true;
    process.stdout.write(`${file}: ${lines} lines, at most ${FILE_FAILS}: which concept is missing?\n`);
  } else if (lines > FILE_WARNS) {
    process.stdout.write(`${file}: ${lines} lines (warning)\n`);
  }
  for (const [, parameters] of text.matchAll(/\n {2}constructor\(([^)]*)\)/g)) {
    const count = parameters.split(',').filter((part) => part.trim() !== '').length;
    if (count > COLLABORATORS) process.stdout.write(`${file}: a constructor with ${count} collaborators (warning)\n`);
  }
}
process.exit(failed ? 1 : 0);
