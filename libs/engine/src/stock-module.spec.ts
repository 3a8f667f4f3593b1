import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compileLibrary, LibraryCompileError, loadStockLibrary } from './stock-module.js';
import { FINDING, samplePolicy } from './testdata/sample-policies.js';

describe('compileLibrary', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bylaw-library-'));
    await write('lib/a.rego', 'package lib.a\n\nyes := input.review.object.a\n');
    await write('lib/a_test.rego', 'package lib.a_test\n\ntest_a if true\n');
    await write(
      'one/policy.rego',
      samplePolicy('one', `import data.lib.a\n\nviolation contains ${FINDING} if a.yes`).source,
    );
    await write('one/policy_test.rego', 'package bylaw.one_test\n\ntest_one if true\n');
    await write('sets.yaml', 'sets: [{ slug: basic, title: Basic, description: All, policies: [one] }]\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const out = () => join(folder, 'out');
  async function write(file: string, text: string): Promise<void> {
    await mkdir(join(folder, 'sources', file, '..'), { recursive: true });
    await writeFile(join(folder, 'sources', file), text);
  }
  const build = () => compileLibrary(join(folder, 'sources'), out(), '1.2.3');

  it('compiles once and not again while nothing changes', async () => {
    const first = await build();
    expect(first).toMatchObject({ compiled: true, manifest: { engine_abi: 2, release: '1.2.3', builtins: [] } });
    expect(first.manifest.policies).toMatchObject([{ slug: 'one', file: 'one/policy.rego', rules: ['violation'] }]);
    const item = { policy: 'one', instance: '', parameters: {} };
    expect(first.manifest.sets).toEqual([{ slug: 'basic', title: 'Basic', description: 'All', policies: [item] }]);
    expect(await build()).toEqual({ compiled: false, manifest: first.manifest });
    const { manifest, wasm } = await loadStockLibrary(out());
    expect(manifest).toEqual(first.manifest);
    expect(wasm.length).toBeGreaterThan(10_000);
  }, 30_000);

  it('compiles again when a shared file changes, and tells that the policy is another', async () => {
    const { manifest } = await build();
    await write('lib/a.rego', 'package lib.a\n\nyes := input.review.object.b\n');
    const again = await build();
    expect(again.compiled).toBe(true);
    expect(again.manifest.policies[0]?.source_digest).not.toBe(manifest.policies[0]?.source_digest);
  }, 30_000);

  it('keeps a policy’s digest while only what it does not reach changes', async () => {
    const { manifest } = await build();
    await write('lib/b.rego', 'package lib.b\n\nno := false\n');
    const again = await build();
    expect(again.manifest.policies[0]?.source_digest).toBe(manifest.policies[0]?.source_digest);
  }, 30_000);

  it('says where a policy is wrong', async () => {
    await write('one/policy.rego', samplePolicy('one', 'violation contains x if {').source);
    await expect(build()).rejects.toThrow(LibraryCompileError);
    await expect(build()).rejects.toThrow(/one\/policy\.rego:\d+:\d+: /);
  }, 30_000);

  it('refuses a set that names no policy', async () => {
    await write('sets.yaml', 'sets: [{ slug: basic, title: Basic, description: All, policies: [two] }]\n');
    await expect(build()).rejects.toThrow('set basic names two, which is no policy');
  }, 30_000);

  it('refuses to run a missing, damaged or foreign library', async () => {
    await expect(loadStockLibrary(out())).rejects.toThrow('missing');
    const { manifest } = await build();
    await writeFile(join(out(), 'library.wasm'), 'damaged');
    await expect(loadStockLibrary(out())).rejects.toThrow('damaged');
    await writeFile(join(out(), 'library.json'), JSON.stringify({ ...manifest, engine_abi: 0 }));
    await expect(loadStockLibrary(out())).rejects.toThrow('another engine');
  }, 30_000);
});
