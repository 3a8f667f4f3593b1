import { afterEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import type { ValidationResult } from '#contracts';
import { check, pathsOf, resultOf, TestFolders } from '../support/check-command.js';
import { CLI } from '../support/cli-command.js';
import { aGoodPod, aPodOfLatest } from '../support/manifests.js';

const folders = new TestFolders();
const aFolder = folders.make;

describe('what bylaw check reads', () => {
  afterEach(() => folders.removeAll());

  it('reads standard input, and tells of rendered documents by the template they come from', async () => {
    const rendered = `---\n# Source: shop/templates/a.yaml\n${aGoodPod('a')}---\n# Source: shop/templates/b.yaml\n${aPodOfLatest('b')}`;
    const { status, stdout } = await check(aFolder({}), ['-', '--format', 'compact'], rendered);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^shop\/templates\/b\.yaml:9:7: /)]);
    expect(pathsOf(await resultOf(aFolder({}), ['-'], aGoodPod('a')))).toEqual(['-']);
  });

  it('judges what was rendered beside the chart that it was rendered from', async () => {
    const folder = aFolder({
      'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'shop/templates/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: {{ .Release.Name }} }\n',
    });
    const rendered = `notes: 1\n---\n# Source: shop/templates/a.yaml\n${aPodOfLatest('a')}---\n# Source: shop/crds/b.yaml\n${aGoodPod('b')}---\n${aGoodPod('c')}`;
    const { documents, violations } = await resultOf(folder, ['.', '-'], rendered);
    expect(documents.map(({ path, status }) => [path, status])).toEqual([
      ['shop/Chart.yaml', 'ignored'],
      ['shop/templates/a.yaml', 'ignored'],
      ['-', 'ignored'],
      ['shop/templates/a.yaml', 'ok'],
      ['shop/crds/b.yaml', 'ok'],
      ['shop/crds/b.yaml', 'ok'],
    ]);
    expect(violations.map(({ location }) => location)).toEqual([{ path: 'shop/templates/a.yaml', line: 9, column: 7 }]);
  });

  it('judges what it can read, and tells of a folder that it can’t', async () => {
    const folder = aFolder({ 'a.yaml': aPodOfLatest('a') });
    // Deeper than a path may be long, so that it can't be read by any user.
    const deep = `for n in $(seq 25); do d=$(printf 'd%.0s' $(seq 200)); mkdir $d; cd -P $d; done`;
    execFileSync('bash', ['-ec', deep], { cwd: folder.path });
    const { decision, documents } = await resultOf(folder, ['.']);
    expect([decision, documents.map(({ status, error }) => [status, error?.code])]).toEqual([
      'deny',
      [
        ['ok', undefined],
        ['invalid', 'unreadable'],
      ],
    ]);
    execFileSync('rm', ['-rf', '--', ...readdirSync(folder.path)], { cwd: folder.path });
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['a path is empty, as of an unset variable', [''], {}, /^bylaw: a path is empty\n$/],
    ['a path leads through a file', ['a.yaml/b.yaml'], {}, /^bylaw: a\.yaml\/b\.yaml: ENOTDIR.*\n$/],
    ['what is to be left out can’t be read', ['.'], { '.bylawignore/x': '' }, /^bylaw: .*\.bylawignore: EISDIR.*\n$/],
  ])('says in a line why it could not do it: %s', async (_what, args, files, said) => {
    const { status, stdout, stderr } = await check(aFolder({ 'a.yaml': aGoodPod('a'), ...files }), args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(said)]);
  });

  it('says that it could not be written where standard output is full', () => {
    const folder = aFolder({ 'a.yaml': aGoodPod('a') });
    const script = `'${process.execPath}' '${CLI}' check a.yaml 2>&1 >/dev/full; echo "$?"`;
    const said = execFileSync('bash', ['-c', script], { cwd: folder.path, encoding: 'utf8' });
    expect(said).toMatch(/^bylaw: standard output: ENOSPC.*\n2\n$/);
  });

  it('reads what editors and other systems write: byte order marks, UTF-16, line ends of all kinds', async () => {
    const pod = aPodOfLatest('a');
    const folder = aFolder({
      'bom.yaml': `\uFEFF${pod}`,
      'crlf.yaml': pod.replaceAll('\n', '\r\n'),
      'utf16.yaml': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(pod, 'utf16le')]),
    });
    const { violations, documents } = await resultOf(folder, []);
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(violations.map(({ location }) => location?.line)).toEqual([9, 9, 9]);
  });

  it('bears binary, huge and hostile files, and judges what is beside them', async () => {
    const bomb = `apiVersion: v1\nkind: &a [x]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: [${'*c,'.repeat(80)}]\n`;
    const folder = aFolder({
      'binary.yaml': Buffer.from([0, 1, 2, 0xff, 0xfe, 200, ...Buffer.from('apiVersion kind')]),
      'bomb.yaml': bomb,
      'deep.yaml': `apiVersion: v1\nkind: ConfigMap\ndata: ${'['.repeat(100_000)}`,
      'huge.yaml': Buffer.alloc(50 * 1024 * 1024, 'apiVersion: kind\n'),
      'ok.yaml': aGoodPod('ok'),
    });
    const { status, stdout, stderr } = await check(folder, ['--format', 'json']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('4 documents can’t be read')]);
    const { documents } = JSON.parse(stdout) as ValidationResult;
    const codes = documents.map(({ path, error }) => [path, error?.code]);
    expect(codes).toEqual([
      ['binary.yaml', expect.any(String)],
      ['bomb.yaml', 'limit_aliases'],
      ['deep.yaml', 'limit_depth'],
      ['huge.yaml', 'limit_bytes'],
      ['ok.yaml', undefined],
    ]);
  });

  it('does not follow links in circles, and reads files that are linked', async () => {
    const folder = aFolder({ 'real/a.yaml': aGoodPod('a') });
    mkdirSync(folder.file('loop'));
    symlinkSync('..', folder.file('loop/back'));
    symlinkSync('../real/a.yaml', folder.file('loop/linked.yaml'));
    symlinkSync('nowhere', folder.file('loop/dangling.yaml'));
    expect(pathsOf(await resultOf(folder, ['.']))).toEqual(['loop/linked.yaml', 'real/a.yaml']);
  });

  it('shows names of files as they are, and lets none of them write the log', async () => {
    const folder = aFolder({ 'a\n::error::b.yaml': aPodOfLatest('a'), "-x '$(id)*.yaml": aPodOfLatest('b') });
    const { stdout } = await check(folder, ['.', '--format', 'github']);
    expect(stdout).not.toMatch(/^::error::b/m);
    expect(pathsOf(await resultOf(folder, ['./*.yaml']))).toHaveLength(2);
  });
});
