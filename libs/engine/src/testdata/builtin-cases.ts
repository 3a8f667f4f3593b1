import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../compiler-artefact.js';

/** What the cases may refer to as `o`: values whose types the compiler can't see, so that errors come at run time. */
export const CASE_OBJECT = {
  text: 'Grüße, 世界 🚀',
  ascii: 'hello world',
  empty: '',
  number: 42,
  negative: -7,
  fraction: 2.5,
  nothing: null,
  yes: true,
  list: ['b', 'a', 'c'],
  mixed: ['a', 1, null],
  object: { b: [1, 2], a: { c: 'd' } },
  patterned: 'a-b_c.d',
  quantity: '128Mi',
};

const FILE = join(packageRoot(), 'libs', 'engine', 'src', 'testdata', 'builtin-cases.txt');

/** Rego expressions by where their functions come from, and those that are known to be answered otherwise. */
export function readBuiltinCases(): { host: string[]; native: string[]; known: string[] } {
  const lines = readFileSync(FILE, 'utf8').split('\n');
  const section = (name: string): string[] => {
    const from = lines.indexOf(`[${name}]`) + 1;
    const length = lines.slice(from).findIndex((line) => /^\[[a-z ]+\]$/.test(line));
    const part = length < 0 ? lines.slice(from) : lines.slice(from, from + length);
    return part.filter((line) => line !== '' && !line.startsWith('#'));
  };
  return { host: section('host'), native: section('native'), known: section('known differences') };
}
