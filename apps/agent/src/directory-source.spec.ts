import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DirectorySource, SourceUnreadable } from './directory-source.js';

const NOBODY = 65_534;
const aPod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { containers: [] }\n`;

describe('a folder that stands for a cluster', () => {
  let folder: string;
  let source: DirectorySource;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bylaw-source-'));
    chmodSync(folder, 0o755);
    source = new DirectorySource(folder, new Uint8Array(32));
  });
  afterEach(async () => {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Written long enough ago to be whole. */
  function write(path: string, text: string | Buffer): string {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, 1, 1);
    return file;
  }
  async function found(): Promise<{ names: string[]; problems: string[] }> {
    const { objects, problems } = await source.read();
    return {
      names: objects.map(({ identity }) => identity.name).sort(),
      problems: problems.map(({ path, line, column, code }) => `${path}:${line}:${column} ${code}`).sort(),
    };
  }

  it('gives the objects of its manifests, however deep they lie, and of nothing else', async () => {
    write('a.yaml', aPod('a'));
    write('deep/er/b.yml', aPod('b'));
    write('c.json', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'c' } }));
    for (const path of [
      'README.md',
      'a.yaml.bak',
      'a.yaml~',
      '.a.yaml.swp',
      '4913',
      '.git/config.yaml',
      'x/.git/y.yaml',
    ])
      write(path, aPod('not-me'));
    expect(await found()).toEqual({ names: ['a', 'b', 'c'], problems: [] });
  });

  it('is empty where it is empty', async () => {
    expect(await found()).toEqual({ names: [], problems: [] });
  });

  it.each<[string, () => void, string[]]>([
    [
      'broken YAML',
      () => write('bad.yaml', 'kind: Pod\nmetadata: [a\n'),
      [expect.stringMatching(/^bad\.yaml:\d+:\d+ yaml_syntax$/) as unknown as string],
    ],
    [
      'bytes that are no UTF-8',
      () => write('bad.yaml', Buffer.from([0x61, 0x3a, 0xff, 0xfe])),
      ['bad.yaml:1:3 not_utf8'],
    ],
    ['a file of 17 MiB', () => truncateSync(write('bad.yaml', ''), 17 * 1024 * 1024), ['bad.yaml:1:1 unreadable']],
    ['a link to nowhere', () => symlinkSync('nowhere', join(folder, 'bad.yaml')), ['bad.yaml:1:1 unreadable']],
    ['a link to itself', () => symlinkSync('bad.yaml', join(folder, 'bad.yaml')), ['bad.yaml:1:1 unreadable']],
    ['a copy of an object', () => write('b.yaml', aPod('a')), ['b.yaml:1:1 duplicate']],
  ])('reports %s with its place, and leaves the others alone', async (_what, arrange, problems) => {
    write('a.yaml', aPod('a'));
    arrange();
    const { names, problems: reported } = await found();
    expect([names, reported]).toEqual([['a'], problems]);
  });

  it.each<[string, (file: string) => void]>([
    ['a folder with the name of a manifest', (file) => mkdirSync(file)],
    ['a socket with the name of a manifest', (file) => void createServer().listen(file).unref()],
    ['Emacs’s lock on a file', (file) => symlinkSync('me@host.1:2', join(dirname(file), '.#a.yaml'))],
    ['a link to a folder', (file) => symlinkSync('.', file)],
    ['links that lead round and round', (file) => symlinkSync(folder, join(dirname(file), 'loop'))],
  ])('takes no notice of %s', async (_what, make) => {
    write('a.yaml', aPod('a'));
    make(join(folder, 'b.yaml'));
    expect(await found()).toEqual({ names: ['a'], problems: [] });
  });

  it('reads a file behind a link', async () => {
    write('hidden/a.txt', aPod('a'));
    symlinkSync('hidden/a.txt', join(folder, 'a.yaml'));
    expect((await found()).names).toEqual(['a']);
  });

  it('reports what it may not read, file or folder, and gives the rest', async () => {
    write('a.yaml', aPod('a'));
    chmodSync(write('secret.yaml', aPod('secret')), 0o000);
    write('closed/b.yaml', aPod('b'));
    chmodSync(join(folder, 'closed'), 0o000);
    const contents = await asNobody(found);
    chmodSync(join(folder, 'closed'), 0o700);
    expect(contents).toEqual({ names: ['a'], problems: ['closed:1:1 unreadable', 'secret.yaml:1:1 unreadable'] });
  });

  it('keeps what a file held while it is broken or closed, and lets go once it is read again', async () => {
    const names = async (): Promise<string[]> =>
      (await source.read()).objects.map(({ identity }) => identity.name).sort();
    mkdirSync(join(folder, 'team'));
    writeFileSync(join(folder, 'a.yaml'), `${aPod('a')}---\n${aPod('b')}`);
    writeFileSync(join(folder, 'team', 'c.yaml'), aPod('c'));
    expect(await names()).toEqual(['a', 'b', 'c']);
    writeFileSync(join(folder, 'a.yaml'), `${aPod('a2')}---\nkind: [\n`);
    rmSync(join(folder, 'team', 'c.yaml'));
    symlinkSync('nowhere', join(folder, 'team', 'c.yaml'));
    expect(await names()).toEqual(['a', 'a2', 'b', 'c']);
    writeFileSync(join(folder, 'a.yaml'), aPod('a2'));
    rmSync(join(folder, 'team', 'c.yaml'));
    expect(await names()).toEqual(['a2']);
  });

  it('knows nothing where the folder itself can’t be read, which is not the same as nothing being there', async () => {
    rmSync(folder, { recursive: true });
    await expect(source.read()).rejects.toThrow(SourceUnreadable);
  });

  it('waits for a file that is being written', async () => {
    const file = join(folder, 'a.yaml');
    writeFileSync(file, '');
    let looks = 0;
    const writer = new DirectorySource(folder, new Uint8Array(32), () => {
      // The second time it is looked at, the writer is done, and that was a while ago.
      if (++looks === 3) writeFileSync(file, aPod('a'));
      return statSync(file).mtimeMs + (looks > 3 ? 1_000 : 1);
    });
    expect((await writer.read()).objects.map(({ identity }) => identity.name)).toEqual(['a']);
  });
});

/** Root may read everything: then it is done as somebody else. */
async function asNobody<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
