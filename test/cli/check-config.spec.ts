import { afterEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '#testing';
import type { ValidationResult } from '#contracts';
import { ownedPolicy, TestFolders } from '../support/check-command.js';
import { type Ended, runCli, startCli, type TestFolder } from '../support/cli-command.js';
import { aGoodPod, aPodOfLatest } from '../support/manifests.js';

const folders = new TestFolders();
const aFolder = folders.make;
const check = (folder: TestFolder, args: string[] = [], within = '.'): Promise<Ended> =>
  runCli(['check', ...args], { cwd: join(folder.path, within) });
const POLICY = ownedPolicy();

describe('bylaw.yaml', () => {
  afterEach(() => folders.removeAll());

  it('is found from a folder below it, its paths from where it lies; options win', async () => {
    const folder = aFolder({
      'bylaw.yaml':
        'set: [access-control, best-practices]\nfail_on: critical\npaths: deploy\nexclude: ["deploy/old/"]\n',
      'deploy/a.yaml': aPodOfLatest('a'),
      'deploy/old/b.yaml': aPodOfLatest('b'),
      'src/code.yaml': aPodOfLatest('code'),
    });
    const { status, stdout } = await check(folder, ['--format', 'json'], 'src');
    const { decision, documents } = JSON.parse(stdout) as ValidationResult;
    expect([status, decision, documents.map(({ path }) => path)]).toEqual([0, 'warn', ['../deploy/a.yaml']]);
    expect((await check(folder, ['--fail-on', 'low'])).status).toBe(1);
    expect((await check(folder, ['--no-config', '--set', 'access-control'])).status).toBe(0);
  });

  it('is not looked for beyond the repository', async () => {
    const folder = aFolder({ 'bylaw.yaml': 'set: nonsense\n', 'repo/a.yaml': aGoodPod('a') });
    mkdirSync(folder.file('repo/.git'));
    expect((await check(folder, [], 'repo')).status).toBe(0);
    expect((await check(folder, [], '.')).status).toBe(2);
  });

  it('says of every mistake where it is, and what was meant', async () => {
    const folder = aFolder({
      'bylaw.yaml': '# mine\npolices: x\nfail_on: hgh\nparameters:\n  no-latest-tag: 3\nserver: {url: x}\n',
      'a.yaml': aGoodPod('a'),
    });
    const { status, stdout, stderr } = await check(folder);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('bylaw.yaml:2:1: `polices` is no setting; did you mean `policies`?');
    expect(stderr).toMatch(/bylaw\.yaml:3:1: `fail_on`.*"high"/);
    expect(stderr).toMatch(/bylaw\.yaml:5:3: `parameters\.no-latest-tag`/);
    expect(stderr).toMatch(/bylaw\.yaml:6:1: `server`/);
    folder.write({ 'bylaw.yaml': 'set: [x\n' });
    expect((await check(folder)).stderr).toMatch(/bylaw\.yaml:2:1: /);
  });

  it('gives policies parameters, and refuses those that no policy takes', async () => {
    const deployment =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a, namespace: shop }\nspec: { replicas: 3 }\n';
    const folder = aFolder({ 'a.yaml': deployment });
    const judgedBy = async (parameters: string): Promise<Ended> => {
      folder.write({ 'bylaw.yaml': `parameters: ${parameters}\n` });
      return check(folder, ['--format', 'compact']);
    };
    expect((await judgedBy('{ replicas-minimum: { min_replicas: 3 } }')).stdout).not.toContain('replicas-minimum');
    expect((await judgedBy('{ replicas-minimum: { min_replicas: 4 } }')).stdout).toContain('replicas-minimum');
    const wrong = await judgedBy('{ replicas-minimum: { min_replicas: many } }');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('replicas-minimum: min_replicas')]);
    const stray = await judgedBy('{ replicas-minimun: { min_replicas: 1 } }');
    expect([stray.status, stray.stdout]).toEqual([2, '']);
    expect(stray.stderr).toContain('did you mean `replicas-minimum`?');
  });

  it('names folders of own policies, which judge beside the sets or alone', async () => {
    const folder = aFolder({
      'bylaw.yaml': 'policies: rules\n',
      'rules/owned/policy.rego': POLICY,
      'a.yaml': aPodOfLatest('a'),
    });
    const both = await check(folder, ['--format', 'compact', 'a.yaml']);
    expect(both.stdout).toMatch(/owned: Nobody owns this/);
    expect(both.stdout).toMatch(/no-latest-tag/);
    const alone = await check(folder, ['--set', 'none', '--format', 'compact', 'a.yaml']);
    expect([alone.status, alone.stdout.trim().split('\n')]).toEqual([1, [expect.stringContaining('low owned:')]]);
    folder.write({ 'rules/owned/policy.rego': POLICY.replace('not input', 'nonsense(1)\n\tnot input') });
    const broken = await check(folder, ['a.yaml']);
    expect([broken.status, broken.stderr]).toEqual([2, expect.stringMatching(/policy\.rego:12:2: .*nonsense/)]);
  });
});

describe('bylaw init', () => {
  afterEach(() => folders.removeAll());

  it('writes a configuration of what it finds, which check goes by, and never over one that is there', async () => {
    const folder = aFolder({
      'deploy/a.yaml': aGoodPod('a'),
      'charts/shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'charts/shop/templates/b.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: {{ .Release.Name }} }\n',
      'values.yaml': 'x: 1\n',
    });
    const { status, stdout } = await runCli(['init'], { cwd: folder.path });
    expect([status, stdout]).toEqual([0, expect.stringContaining('1 file with Kubernetes objects')]);
    expect(stdout).toContain('A Helm chart in charts/shop: helm template charts/shop | bylaw check -');
    const text = readFileSync(folder.file('bylaw.yaml'), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+bylaw\.schema\.json\n/);
    expect((await check(folder)).status).toBe(0);
    const again = await runCli(['init'], { cwd: folder.path });
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('--force')]);
    expect(readFileSync(folder.file('bylaw.yaml'), 'utf8')).toBe(text);
    expect((await runCli(['init', '--force'], { cwd: folder.path })).status).toBe(0);
  });
});

describe('bylaw check --watch', () => {
  it('checks again when a file changes, and ends with Ctrl-C', async () => {
    const folder = aFolder({ 'a.yaml': aGoodPod('a'), 'bylaw.yaml': '', 'sub/c.yaml': aGoodPod('c') });
    symlinkSync('..', folder.file('sub/up'));
    const child = startCli(['check', '--watch', '--format', 'compact', '.'], { cwd: folder.path });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const looks = (): number => stderr.split('watching for changes').length - 1;
    await eventually(async () => looks() === 1, 'the first look');
    expect(stdout).toBe('');
    folder.write({ 'b.yaml': aPodOfLatest('b') });
    await eventually(async () => stdout.includes('b.yaml:9:7: medium no-latest-tag'), 'the violation');
    await eventually(async () => looks() === 2, 'the second look');
    const before = stdout.length;
    folder.write({ 'bylaw.yaml': 'set: access-control\n' });
    await eventually(async () => looks() === 3, 'a look with other settings');
    expect(stdout.slice(before)).toBe('');
    folder.write({ 'b.yaml': 'kind: [\napiVersion: v1\n' });
    await eventually(async () => stderr.includes('can’t be read'), 'a word about the broken file');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    folder.remove();
  });

  it('refuses what can’t change', async () => {
    expect(await runCli(['check', '--watch', '-'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--watch'),
    });
  });
});

describe('bylaw completion', () => {
  it('completes commands, options and what options take, in bash', async () => {
    const { status, stdout } = await runCli(['completion', 'bash']);
    expect(status).toBe(0);
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const script = `${stdout}\nCOMP_WORDS=(bylaw ${line}); COMP_CWORD=${words.length}; _bylaw; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    };
    expect(complete('ch')).toEqual(['check']);
    expect(complete('check', '--fail')).toEqual(['--fail-on']);
    expect(complete('check', '--fail-on', 'h')).toEqual(['high']);
    expect(complete('check', '--set', 'pod-s')).toEqual(['pod-security-baseline', 'pod-security-restricted']);
    expect(complete('policy', 'pu')).toEqual(['push', 'pull']);
    expect(complete('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(complete('check', 'a')).toEqual([]);
  });

  it.each(['zsh', 'fish'])('is read by %s, where it is there', async (shell) => {
    const { status, stdout } = await runCli(['completion', shell]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('fail-on')]);
    const binary = ['/bin', '/usr/bin'].map((folder) => join(folder, shell)).find((file) => existsSync(file));
    if (binary === undefined) return;
    expect(spawnSync(binary, ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('refuses a shell that it does not know', async () => {
    expect((await runCli(['completion', 'tcsh'])).status).toBe(2);
  });
});
