import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ValidationResult } from '#contracts';
import { check, pathsOf, resultOf, TestFolders } from '../support/check-command.js';
import { startCli } from '../support/cli-command.js';
import { aGoodPod, aPodOfLatest } from '../support/manifests.js';

const folders = new TestFolders();
const aFolder = folders.make;

describe('bylaw check', () => {
  afterEach(() => folders.removeAll());

  it('ends with 0 where nothing is wrong, and says nothing at all with --quiet', async () => {
    const folder = aFolder({ 'a.yaml': aGoodPod('a') });
    expect(await check(folder)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('0 failed') });
    expect(await check(folder, ['--quiet'])).toEqual({ status: 0, stderr: '', stdout: '' });
  });

  it('ends with 1 where something is, and says where: file, line and column', async () => {
    const folder = aFolder({ 'k8s/a.yaml': `---\n${aPodOfLatest('a')}` });
    const { status, stdout, stderr } = await check(folder, ['k8s', '--format', 'compact']);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^k8s\/a\.yaml:10:7: \w+ no-latest-tag: .*\n$/);
  });

  it('fails from --fail-on on, and only warns of what is below', async () => {
    const folder = aFolder({ 'a.yaml': aPodOfLatest('a') });
    expect((await check(folder, ['--fail-on', 'critical'])).status).toBe(0);
    expect(await resultOf(folder, ['--fail-on', 'critical'])).toMatchObject({
      decision: 'warn',
      violations: [{ policy: { slug: 'no-latest-tag' }, enforcement: 'warn' }],
    });
  });

  it('judges by the set that is named, and suggests the one that was meant', async () => {
    const folder = aFolder({ 'a.yaml': aPodOfLatest('a') });
    expect(await resultOf(folder, ['--set', 'access-control'])).toMatchObject({ decision: 'allow', violations: [] });
    const wrong = await check(folder, ['--set', 'best-practises']);
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('did you mean `best-practices`?');
  });

  it('judges objects beside each other: an autoscaler in another file says how many copies there are', async () => {
    const folder = aFolder({
      'a.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a, namespace: shop }\nspec: { replicas: 1 }\n',
      'hpa.yaml':
        'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: a, namespace: shop }\n' +
        'spec: { minReplicas: 3, maxReplicas: 5, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: a } }\n',
    });
    const slugs = ({ violations }: ValidationResult): string[] => violations.map(({ policy }) => policy.slug);
    expect(slugs(await resultOf(folder, ['a.yaml']))).toContain('replicas-minimum');
    expect(slugs(await resultOf(folder, ['.']))).not.toContain('replicas-minimum');
  });

  it('takes folders, globs and files, each file once, and nothing that is hidden, ignored or not ours', async () => {
    const folder = aFolder({
      'a.yaml': aGoodPod('a'),
      'deep/er/b.yml': aGoodPod('b'),
      'deep/c.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'c', namespace: 'shop' },
      }),
      'deep/values.yaml': 'image: nginx\n',
      'package.json': '{"name": "x"}',
      '.github/workflows/ci.yaml': aGoodPod('hidden'),
      'node_modules/x/d.yaml': aGoodPod('d'),
      'old/e.yaml': aGoodPod('e'),
      'old/kept.yaml': aGoodPod('kept'),
      '.bylawignore': '# comment\nold/*\n!old/kept.yaml\n',
    });
    expect(pathsOf(await resultOf(folder, []))).toEqual(['a.yaml', 'deep/c.json', 'deep/er/b.yml', 'old/kept.yaml']);
    const twice = await resultOf(folder, ['**/*.yml', 'deep/**/*.{yml,json}', './deep/er/b.yml', 'a.yaml']);
    expect(pathsOf(twice)).toEqual(['a.yaml', 'deep/c.json', 'deep/er/b.yml']);
    expect(pathsOf(await resultOf(folder, ['--exclude', 'deep/er/', '.']))).toEqual([
      'a.yaml',
      'deep/c.json',
      'old/kept.yaml',
    ]);
    const named = await check(folder, ['old/e.yaml']);
    expect([named.status, named.stderr]).toEqual([2, expect.stringContaining('old/e.yaml: left out by .bylawignore')]);
  });

  it('heeds comments that waive, unless it is told not to', async () => {
    const waived = aPodOfLatest('a').replace(
      'app:latest',
      'app:latest # bylaw:ignore no-latest-tag -- built each night',
    );
    const folder = aFolder({ 'a.yaml': waived });
    expect(await resultOf(folder, [])).toMatchObject({
      decision: 'allow',
      violations: [{ waiver: { kind: 'comment', reason: 'built each night' } }],
    });
    expect(await check(folder, ['--no-ignores'])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('comments ignore nothing here'),
    });
    folder.write({ 'bylaw.yaml': 'ignores: false\n' });
    expect((await check(folder)).status).toBe(1);
    folder.write({ 'bylaw.yaml': '' });
    await check(folder, ['--fix']);
    expect(readFileSync(folder.file('a.yaml'), 'utf8')).toBe(waived);
  });

  it('says why an annotation that waives is not followed', async () => {
    const annotated = aPodOfLatest('a').replace('spec:', '  annotations:\n    bylaw.dev/ignore: no-latest-tag\nspec:');
    const { status, stdout } = await check(aFolder({ 'a.yaml': annotated }), ['--format', 'compact']);
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/^a\.yaml:7:5: warning ignore_without_reason: say why: /m),
    ]);
  });

  it('says how sources of Helm and Kustomize are rendered, and fails for none of them', async () => {
    const folder = aFolder({
      'a.yaml': aGoodPod('a'),
      'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'chart/templates/b.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: {{ .Release.Name }} }\n',
      'overlay/kustomization.yaml': 'resources: [../a.yaml]\n',
    });
    const { status, stdout } = await check(folder);
    expect(status).toBe(0);
    expect(stdout).toContain('helm template chart | bylaw check -');
    expect(stdout).toContain('kubectl kustomize overlay | bylaw check -');
  });

  it('writes a result into files beside what it shows', async () => {
    const folder = aFolder({ 'a.yaml': aPodOfLatest('a') });
    const { stdout } = await check(folder, ['--format', 'json=r.json', '--format', 'sarif=r.sarif', 'a.yaml']);
    expect(stdout).toContain('Decision: deny');
    expect(JSON.parse(readFileSync(folder.file('r.json'), 'utf8'))).toMatchObject({ decision: 'deny' });
    expect(JSON.parse(readFileSync(folder.file('r.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
    const nowhere = await check(folder, ['--format', 'json=no/where.json', 'a.yaml']);
    expect([nowhere.status, nowhere.stderr]).toEqual([2, expect.stringContaining('no/where.json')]);
    const twice = await check(folder, ['--format', 'json', '--format', 'tap']);
    expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining('two formats')]);
  });

  it('lets what an earlier result knew pass, and fails for what is new', async () => {
    const folder = aFolder({ 'a.yaml': aPodOfLatest('a') });
    await check(folder, ['--format', 'json=before.json', 'a.yaml']);
    expect((await check(folder, ['--baseline', 'before.json', 'a.yaml'])).status).toBe(0);
    folder.write({ 'b.yaml': aPodOfLatest('b') });
    const { decision, violations } = await resultOf(folder, ['--baseline', 'before.json', 'a.yaml', 'b.yaml']);
    expect(decision).toBe('deny');
    expect(violations.map(({ baseline }) => baseline)).toEqual(['existing', 'new']);
    folder.write({ 'wrong.json': '{"violations": [1]}' });
    const wrong = await check(folder, ['--baseline', 'wrong.json', 'a.yaml']);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('no result of')]);
  });

  it('reports on the others where one document is broken: 2, unless that is allowed for', async () => {
    const folder = aFolder({ 'a.yaml': `${aGoodPod('a')}---\nkind: [\napiVersion: v1\n`, 'b.yaml': aGoodPod('b') });
    const { status, stdout, stderr } = await check(folder);
    expect([status, stderr]).toEqual([2, expect.stringContaining('1 document can’t be read')]);
    expect(stdout).toContain('2 objects');
    expect((await check(folder, ['--skip-invalid'])).status).toBe(0);
    folder.write({ 'c.yaml': aPodOfLatest('c') });
    expect((await check(folder)).status).toBe(1);
  });

  it('ends with 2 where there is nothing, unless that is allowed for', async () => {
    const folder = aFolder({ 'values.yaml': 'replicas: 2\n', 'empty.yaml': '' });
    const { status, stderr } = await check(folder);
    expect([status, stderr]).toEqual([2, expect.stringContaining('no objects at all')]);
    expect((await check(folder, ['--allow-empty'])).status).toBe(0);
    expect((await check(folder, ['empty.yaml'])).status).toBe(2);
    expect((await check(folder, ['nothing-*.yaml'])).stderr).toContain('nothing-*.yaml: nothing matches');
  });

  it.each<[string, string[], string]>([
    ['a file that is not there', ['nowhere.yaml'], 'nowhere.yaml: there is no such file'],
    ['a format that is none', ['--format', 'xml'], 'sarif'],
    ['a severity that is none', ['--fail-on', 'severe'], 'critical'],
    ['a version that is none', ['--kubernetes-version', 'latest'], '1.34'],
    ['a configuration that is not there', ['--config', 'no.yaml'], 'no.yaml'],
    ['a folder of policies that is not there', ['--policy', 'nowhere'], 'there is no such folder'],
    ['nothing to judge by', ['--set', 'none'], '--policy'],
    ['a baseline of a server, without one', ['--baseline', 'previous'], '--server'],
    ['a server that is no URL', ['--server', 'example', '--token', 'x'], 'not a URL'],
    ['--dry-run alone', ['--dry-run'], '--fix'],
  ])('%s: 2, and a word about it', async (_what, args, said) => {
    const { status, stdout, stderr } = await check(aFolder({ 'a.yaml': aGoodPod('a') }), args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
  });

  it('ends quietly where nobody reads on', async () => {
    const pods = Array.from({ length: 400 }, (_, index) => aPodOfLatest(`pod-${index}`)).join('---\n');
    const folder = aFolder({ 'a.yaml': pods });
    const child = startCli(['check', '--format', 'json', 'a.yaml'], { cwd: folder.path });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin?.end();
    child.stdout?.once('data', () => child.stdout?.destroy());
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect([status, stderr]).toEqual([1, '']);
  });

  it('judges hundreds of documents in threads as it judges one', async () => {
    const pods = Array.from({ length: 300 }, (_, index) => aPodOfLatest(`pod-${index}`));
    const folder = aFolder({ 'a.yaml': pods.join('---\n') });
    const { violations, summary } = await resultOf(folder, []);
    expect([violations.length, summary.objects]).toEqual([300, 300]);
    folder.write({ 'a.yaml': pods[0] ?? '' });
    expect(violations[0]).toEqual((await resultOf(folder, [])).violations[0]);
  });
});
