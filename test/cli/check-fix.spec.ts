import { afterEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Ended, runCli, TestFolder } from '../support/cli-command.js';
import { LeftAlone, replaceFile } from '../../apps/cli/src/fix/replace-file.js';

const folders: TestFolder[] = [];
const aFolder = (files: Record<string, string | Buffer>): TestFolder => {
  const folder = new TestFolder(files);
  folders.push(folder);
  return folder;
};
const fix = (folder: TestFolder, ...args: string[]): Promise<Ended> =>
  runCli(['check', '--fix', ...args], { cwd: folder.path });
const textOf = (folder: TestFolder, name: string): string => readFileSync(folder.file(name), 'utf8');

/** As somebody wrote it: comments, quotes, flow style, lists that are not indented. */
const WRITTEN = `# The shop's front
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}   # one of two
spec:
    replicas: 1 # TODO more

    selector:
        matchLabels: { app: "web" }
    template:
        metadata:
            labels: { app: 'web' }
        spec:
            hostPID: true
            containers:
            # the only one
            - name: web
              image: "registry.example.com/web:1.2.3"
              securityContext: { privileged: true }   # for now
            - image: registry.example.com/side:2
              name: side
              args: [a,   b]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: untouched, namespace: shop }
data: { a:   "1" }
`;
const FIXED = `# The shop's front
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}   # one of two
spec:
    replicas: 2 # TODO more

    selector:
        matchLabels: { app: "web" }
    template:
        metadata:
            labels: { app: 'web' }
        spec:
            containers:
            # the only one
            - name: web
              image: "registry.example.com/web:1.2.3"
              securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false}   # for now
            - image: registry.example.com/side:2
              name: side
              args: [a,   b]
              securityContext:
                  runAsNonRoot: true
                  readOnlyRootFilesystem: true
                  allowPrivilegeEscalation: false
---
apiVersion: v1
kind: ConfigMap
metadata: { name: untouched, namespace: shop }
data: { a:   "1" }
`;

describe('bylaw check --fix', () => {
  afterEach(() => {
    for (const folder of folders.splice(0)) folder.remove();
  });

  it('writes fixes into a file as its author would have, and judges what is then there', async () => {
    const folder = aFolder({ 'a.yaml': WRITTEN });
    const { status, stdout, stderr } = await fix(folder, '--format', 'compact');
    expect(textOf(folder, 'a.yaml')).toBe(FIXED);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^bylaw: \d+ violations fixed, in 1 file\n$/)]);
    expect(stdout).toContain('readiness-probe');
    expect(stdout).not.toContain('no-privileged');
    expect((await fix(folder)).stderr).toContain('0 violations fixed');
    expect(textOf(folder, 'a.yaml')).toBe(FIXED);
  });

  it('shows what it would do, and does nothing, with --dry-run', async () => {
    const folder = aFolder({ 'a.yaml': WRITTEN });
    const { status, stdout } = await fix(folder, '--dry-run');
    expect([status, textOf(folder, 'a.yaml')]).toEqual([1, WRITTEN]);
    expect(stdout).toMatch(/^--- a\/a\.yaml.*\n\+\+\+ b\/a\.yaml.*\n@@ /);
    expect(stdout).toContain('\n-    replicas: 1 # TODO more\n+    replicas: 2 # TODO more\n');
    expect(stdout).not.toContain('Decision');
  });

  it('keeps what systems write: line ends, a byte order mark, no line end at the end, and who may read it', async () => {
    const folder = aFolder({ 'a.yaml': `\uFEFF${WRITTEN.trimEnd().replaceAll('\n', '\r\n')}` });
    chmodSync(folder.file('a.yaml'), 0o640);
    await fix(folder);
    expect(textOf(folder, 'a.yaml')).toBe(`\uFEFF${FIXED.trimEnd().replaceAll('\n', '\r\n')}`);
    expect(statSync(folder.file('a.yaml')).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder.path)).toEqual(['a.yaml']);
  });

  it('writes JSON as JSON, tall where it is tall and minified where it is minified', async () => {
    const pod = (securityContext?: object): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'shop' },
      spec: { hostIPC: true, containers: [{ name: 'a', image: 'x:1', ...(securityContext && { securityContext }) }] },
    });
    const folder = aFolder({ 'tall.json': JSON.stringify(pod(), null, 4), 'flat.json': JSON.stringify(pod({})) });
    await fix(folder);
    const tall = JSON.parse(textOf(folder, 'tall.json')) as { spec: Record<string, unknown> };
    expect(tall.spec).toEqual({
      containers: [
        {
          name: 'a',
          image: 'x:1',
          securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, readOnlyRootFilesystem: true },
        },
      ],
    });
    expect(textOf(folder, 'tall.json')).toBe(JSON.stringify(tall, null, 4));
    expect(textOf(folder, 'flat.json').split('\n')).toHaveLength(1);
    expect(JSON.parse(textOf(folder, 'flat.json'))).toMatchObject({ spec: tall.spec });
  });

  it('leaves alone what an anchor shares with other places, and says so', async () => {
    const shared =
      'apiVersion: v1\nkind: List\nitems:\n' +
      '  - apiVersion: v1\n    kind: Pod\n    metadata: { name: a, namespace: shop }\n    spec: &spec\n      hostPID: true\n      containers: [{ name: a, image: x:1 }]\n' +
      '  - apiVersion: v1\n    kind: Pod\n    metadata: { name: b, namespace: shop }\n    spec: *spec\n';
    const folder = aFolder({ 'a.yaml': shared });
    const { stderr } = await fix(folder);
    expect(textOf(folder, 'a.yaml')).toBe(shared);
    expect(stderr).toContain('a.yaml: no-host-pid of Pod b: it comes from an anchor');
    expect(stderr).toContain('a.yaml: no-host-pid of Pod a: it can’t be written here without changing more');
  });

  it('fixes what the baseline does not know, and nothing that it knows', async () => {
    const folder = aFolder({ 'a.yaml': WRITTEN });
    await runCli(['check', '--format', 'json=before.json', 'a.yaml'], { cwd: folder.path });
    await fix(folder, '--baseline', 'before.json', 'a.yaml');
    expect(textOf(folder, 'a.yaml')).toBe(WRITTEN);
  });

  it('follows a link within the folder, and none that leads out of it', async () => {
    const outside = aFolder({ 'a.yaml': WRITTEN });
    const folder = aFolder({ 'real/b.yaml': WRITTEN });
    symlinkSync(outside.file('a.yaml'), folder.file('out.yaml'));
    symlinkSync('real/b.yaml', folder.file('in.yaml'));
    const { stderr } = await fix(folder, 'out.yaml', 'in.yaml');
    expect(textOf(outside, 'a.yaml')).toBe(WRITTEN);
    expect(stderr).toContain('out.yaml: left alone: it leads out');
    expect(textOf(folder, 'real/b.yaml')).toBe(FIXED);
    expect(lstatSync(folder.file('in.yaml')).isSymbolicLink()).toBe(true);
  });

  it('leaves a file alone that somebody changed meanwhile', async () => {
    const folder = aFolder({ 'a.yaml': 'b' });
    const change = replaceFile(folder.file('a.yaml'), dirname(folder.file('a.yaml')), Buffer.from('a'), 'c');
    await expect(change).rejects.toThrow(LeftAlone);
    expect(textOf(folder, 'a.yaml')).toBe('b');
    mkdirSync(folder.file('d'));
    writeFileSync(folder.file('d/a.yaml'), 'a');
    await replaceFile(folder.file('d/a.yaml'), folder.path, Buffer.from('a'), 'c');
    expect(textOf(folder, 'd/a.yaml')).toBe('c');
  });

  it('has nothing to write for standard input, and none of it for a server', async () => {
    const piped = await runCli(['check', '--fix', '-', '--format', 'compact'], { input: WRITTEN });
    expect([piped.status, piped.stderr]).toEqual([1, expect.stringContaining('0 violations fixed')]);
    const there = await runCli(['check', '--fix', '--server', 'http://127.0.0.1:1', '--token', 'k']);
    expect([there.status, there.stderr]).toEqual([2, expect.stringContaining('--fix judges here')]);
  });
});
