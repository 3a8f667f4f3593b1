import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { ownedPolicy } from '../support/check-command.js';
import { type Ended, runCli, TestFolder } from '../support/cli-command.js';
import { aGoodPod } from '../support/manifests.js';

describe('own policies that were compiled before', () => {
  let folder: TestFolder;
  beforeEach(() => {
    folder = new TestFolder({ 'a.yaml': aGoodPod('a'), 'rules/owned/policy.rego': ownedPolicy() });
  });
  afterEach(() => folder.remove());

  const check = (...more: string[]): Promise<Ended> =>
    runCli(['check', '--policy', 'rules', '--set', 'none', '--format', 'compact', 'a.yaml', ...more], {
      cwd: folder.path,
      env: { BYLAW_CACHE_DIR: folder.file('cache') },
    });
  const modules = (): string[] =>
    readdirSync(folder.file('cache/modules')).map((name) => folder.file(`cache/modules/${name}`));
  /** What a file was last given, which compiling anew changes and reading it does not. */
  const inode = (file: string): number => statSync(file).ino;
  const finds = (message: string): object => ({ status: 1, stderr: '', stdout: expect.stringContaining(message) });

  it('are not compiled again until anything that they are made of changes', async () => {
    expect(await check()).toMatchObject(finds('Nobody owns this.'));
    const [first = ''] = modules();
    const before = inode(first);
    expect(await check()).toMatchObject(finds('Nobody owns this.'));
    expect([modules(), inode(first)]).toEqual([[first], before]);
    folder.write({ 'rules/owned/policy.rego': ownedPolicy('Whose is this?') });
    expect(await check()).toMatchObject(finds('Whose is this?'));
    expect(modules()).toHaveLength(2);
  });

  it('are compiled anew where the file is not what it was, and kept nowhere with --no-cache', async () => {
    await check();
    const [file = ''] = modules();
    writeFileSync(file, readFileSync(file, 'latin1').replaceAll('Nobody owns', 'All is fine'), 'latin1');
    expect(await check()).toMatchObject(finds('Nobody owns this.'));
    rmSync(folder.file('cache'), { recursive: true });
    expect(await check('--no-cache')).toMatchObject(finds('Nobody owns this.'));
    expect(readdirSync(folder.path)).not.toContain('cache');
  });
});
