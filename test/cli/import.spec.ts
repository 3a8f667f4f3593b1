import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ImportAnswer } from '#contracts';
import { aTemplate, aWeavePolicy, manifestOf } from '../support/foreign-policies.js';
import { CLI, HOMELESS } from '../support/cli-command.js';
import { TestPlatform } from '../support/test-platform.js';
import { zipOf } from '../support/zip-archive.js';

describe('bylaw import', () => {
  let platform: TestPlatform;
  let folder: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    folder = mkdtempSync(join(tmpdir(), 'bylaw-import-'));
    const files: Record<string, string | Buffer> = {
      'gatekeeper/template.yaml': manifestOf(aTemplate('K8sCli')),
      'gatekeeper/README.md': '# nobody reads this',
      'conftest/policy/no_pods.rego': 'package main\n\ndeny contains "no" if input.kind == "Pod"\n',
      'weave.zip': zipOf([{ path: 'weave.yaml', content: manifestOf(aWeavePolicy('weave-cli')) }]),
      'broken.yaml': manifestOf(aTemplate('K8sBroken', { rego: 'package x' })),
    };
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await platform.stop();
  });

  const bylaw = (args: string[], input = ''): Promise<{ status: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, ...HOMELESS, BYLAW_API_KEY: platform.owner.key, NO_COLOR: '1' };
      const command = ['--no-warnings', CLI, 'import', '--server', platform.url, ...args];
      const child = execFile(process.execPath, command, { env }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  const paths = (...names: string[]): string[] => names.map((name) => join(folder, name));

  it('says first what it would do, does it, and changes nothing the second time', async () => {
    const all = paths('gatekeeper', 'conftest', 'weave.zip');
    const plan = await bylaw([...all, '--plan']);
    expect([plan.status, plan.stderr]).toEqual([0, '']);
    expect(plan.stdout).toContain('3 would be imported, 3 of them new or changed; 0 skipped, 0 failed');
    expect((await platform.owner.get('/api/v1/policies/k8scli')).status).toBe(404);
    const done = await bylaw(all);
    expect(done.stdout).toContain('3 imported, 3 of them new or changed');
    for (const told of ['template.yaml', 'policy/no_pods.rego', 'weave-cli, version 1', 'k8scli'])
      expect(done.stdout).toContain(told);
    expect(done.stdout).not.toContain('README');
    const again = await bylaw(all);
    expect(again.stdout).toContain('3 imported, 0 of them new or changed');
    expect(again.stdout).toContain('as it was');
  });

  it('reads a stream, answers programs, and ends with 1 where something failed', async () => {
    const stream = await bylaw(['-', '--json'], manifestOf(aTemplate('K8sPiped')));
    expect(stream.status).toBe(0);
    expect((JSON.parse(stream.stdout) as ImportAnswer).documents).toMatchObject([{ policy: { slug: 'k8spiped' } }]);
    const failed = await bylaw(paths('broken.yaml'));
    expect([failed.status, failed.stdout]).toEqual([1, expect.stringContaining('could never')]);
  });

  it('ends with 2 where it could not ask', async () => {
    const gone = await bylaw(paths('nowhere.yaml'));
    expect([gone.status, gone.stderr]).toEqual([2, expect.stringContaining('there is no such file or folder')]);
    mkdirSync(join(folder, 'empty'));
    expect(await bylaw(paths('empty'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nothing to import'),
    });
    const reader = await platform.owner.post('/api/v1/api-keys', { name: 'reader', scopes: ['read'] });
    writeFileSync(join(folder, 'key'), (reader.body as { key: string }).key);
    const refused = await bylaw([...paths('broken.yaml'), '--key-file', join(folder, 'key')]);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('403') });
  });
});
