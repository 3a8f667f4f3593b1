import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '#kernel';
import type { LocalModule } from './local-engines.js';
import { ModuleCache } from './module-cache.js';

const KEY = sha256Hex('sources');
const aModule = (text: string): LocalModule => ({ wasm: Buffer.from(`\0asm\n${text}`), policies: [] });

describe('compiled modules in files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bylaw-cache-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const files = (): string[] => readdirSync(join(folder, 'modules')).map((name) => join(folder, 'modules', name));
  /** @returns what is in there, or `made` where it had to be made */
  const ask = async (key = KEY, cache = new ModuleCache(folder)): Promise<string> => {
    const { wasm } = await cache.getOrMake(key, () => Promise.resolve(aModule('made')));
    return Buffer.from(wasm).toString().slice(5);
  };
  const keep = (text: string, key = KEY, cache = new ModuleCache(folder)): Promise<LocalModule> =>
    cache.getOrMake(key, () => Promise.resolve(aModule(text)));

  it('are there for whoever asks next, and for nobody else on the machine', async () => {
    await keep('kept');
    expect(await ask()).toBe('kept');
    expect(await ask(sha256Hex('others'))).toBe('made');
    const [file = ''] = files();
    expect([statSync(join(folder, 'modules')).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it.each<[string, (file: string) => void]>([
    ['cut short', (file) => truncateSync(file, statSync(file).size - 1)],
    ['empty', (file) => truncateSync(file, 0)],
    ['longer than it was', (file) => writeFileSync(file, 'x', { flag: 'a' })],
    ['written by somebody', (file) => writeFileSync(file, readFileSync(file, 'latin1').replace('kept', 'evil'))],
    ['a link to the same thing elsewhere', (file) => move(file, (kept) => symlinkSync(kept, file))],
    ['a folder', (file) => move(file, () => mkdirSync(file))],
  ])('are made anew where a file is %s', async (_what, damage) => {
    await keep('kept');
    damage(files()[0] ?? '');
    expect(await ask()).toBe('made');
  });

  it('are made anew where a file has the name of another', async () => {
    await keep('kept');
    const other = sha256Hex('others');
    copyFileSync(join(folder, 'modules', `${KEY}.module`), join(folder, 'modules', `${other}.module`));
    expect(await ask(other)).toBe('made');
  });

  it('are neither kept nor taken where others may write', async () => {
    await keep('kept');
    chmodSync(join(folder, 'modules'), 0o777);
    expect(await ask()).toBe('made');
    expect(await ask(sha256Hex('others'))).toBe('made');
    expect(files()).toHaveLength(1);
  });

  it('are nowhere where there can be no folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await ask(KEY, new ModuleCache(join(folder, 'file')))).toBe('made');
  });

  it('may be made by several at once', async () => {
    const caches = Array.from({ length: 20 }, () => new ModuleCache(folder));
    expect(new Set(await Promise.all(caches.map((cache) => ask(KEY, cache))))).toEqual(new Set(['made']));
    expect(files()).toHaveLength(1);
  });

  it('make room for others, those first that nobody has used for longest; what is not ours stays', async () => {
    const small = new ModuleCache(folder, 500);
    const keys = ['a', 'b', 'c', 'd'].map(sha256Hex);
    for (const [index, key] of keys.slice(0, 3).entries()) {
      await keep('x', key, small);
      utimesSync(join(folder, 'modules', `${key}.module`), index, index);
    }
    writeFileSync(join(folder, 'modules', 'notes.txt'), 'x'.repeat(1_000));
    expect(await ask(keys[0], small)).toBe('x');
    await keep('x', keys[3], small);
    const kept = files().map((file) => file.slice(file.lastIndexOf('/') + 1));
    expect(kept.sort()).toEqual([`${keys[0]}.module`, `${keys[3]}.module`, `notes.txt`, `${keys[2]}.module`].sort());
  });

  function move(file: string, then: (kept: string) => void): void {
    const kept = join(folder, 'elsewhere');
    renameSync(file, kept);
    then(kept);
  }
});
