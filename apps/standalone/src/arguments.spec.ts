import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '#platform';
import { parseStartArguments } from './arguments.js';

describe('npm start -- --manifests', () => {
  let root: string;
  const made = (path: string): string => {
    const folder = join(root, path);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'bylaw-arguments-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('takes none, one or many, each a cluster called like its folder', () => {
    const folders = [made('shop'), made('deploy/prod')];
    expect(parseStartArguments([]).manifests).toEqual([]);
    const { manifests } = parseStartArguments(folders.flatMap((folder) => ['--manifests', folder]));
    expect(manifests.map(({ name, folder }) => [name, fileURLToPath(folder)])).toEqual([
      ['shop', folders[0]],
      ['prod', folders[1]],
    ]);
  });

  it('takes a slash at the end, an equals sign, and a path from here', () => {
    const folder = made('k8s');
    expect(parseStartArguments([`--manifests=${folder}/`]).manifests[0]?.name).toBe('k8s');
    expect(parseStartArguments(['--manifests', '.']).manifests[0]?.name).not.toBe('.');
  });

  it('makes a name that a cluster can have out of any folder’s', () => {
    const named = (folder: string) => parseStartArguments(['--manifests', made(folder)]).manifests[0]?.name;
    expect(named('my app (2)')).toBe('my-app-2');
    expect(named('.hidden')).toBe('hidden');
    expect(named('—')).toBe('manifests');
    expect(named('x'.repeat(150))).toBe('x'.repeat(100));
    expect(named(`${'x'.repeat(99)}-.y`)).toMatch(/^x{99}$/);
  });

  it.each([
    ['a folder that is not there', ['--manifests', 'no/such/folder'], '--manifests no/such/folder: there is no such'],
    ['an unknown option', ['--manifest', '.'], 'Usage: npm start -- [--manifests DIR]'],
    ['an option without its value', ['--manifests'], 'Usage: npm start -- [--manifests DIR]'],
    ['what is no option', ['deploy'], 'Usage: npm start -- [--manifests DIR]'],
  ])('refuses %s', (_what, args, message) => {
    expect(() => parseStartArguments(args)).toThrow(message);
    expect(() => parseStartArguments(args)).toThrow(ConfigError);
  });

  it('refuses a file', () => {
    const file = join(made('files'), 'a.yaml');
    writeFileSync(file, '');
    expect(() => parseStartArguments(['--manifests', file])).toThrow(`--manifests ${file}: there is no such folder`);
  });

  it('refuses two folders of one name, since the name is the cluster', () => {
    const args = ['--manifests', made('a/shop'), '--manifests', made('b/shop')];
    expect(() => parseStartArguments(args)).toThrow('two folders are called "shop"');
  });
});
