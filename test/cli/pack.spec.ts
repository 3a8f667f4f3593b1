import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownedPolicy } from '../support/check-command.js';
import { type Ended, runCli, TestFolder } from '../support/cli-command.js';
import { aPodOfLatest } from '../support/manifests.js';

const ROOT = dirname(fileURLToPath(new URL('../../', import.meta.url)));
const POLICY = ownedPolicy();
const FIXTURE = (labels: string): string =>
  `description: d\nobject:\n  apiVersion: v1\n  kind: Pod\n  metadata: { name: a, labels: { ${labels} } }\n`;
const LARGEST_MB = 10;
const LOADED_MOST_KB = 900;

describe('the package of the command line', () => {
  let folder: TestFolder;
  let tarball: string;
  beforeAll(() => {
    const printed = execFileSync(process.execPath, [join(ROOT, 'tools', 'pack-cli.mjs'), '--no-build'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    tarball = join(ROOT, printed.trim().split('\n').at(-1) ?? '');
    folder = new TestFolder({
      'package.json': '{"private": true}',
      'a.yaml': aPodOfLatest('a'),
      'rules/owned/policy.rego': POLICY,
      'rules/owned/fixtures/pass-a.yaml': FIXTURE('owner: me'),
    });
    const npm = ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', tarball];
    execFileSync('npm', npm, { cwd: folder.path, stdio: ['ignore', 'ignore', 'inherit'] });
  }, 300_000);
  afterAll(() => folder.remove());

  const bylaw = (...args: string[]): Promise<Ended> =>
    runCli(args, { cwd: folder.path, program: folder.file('node_modules/bylaw/dist/apps/cli/src/main.js') });

  it('is small, alone, and says whose work is in it', () => {
    process.stderr.write(`the package has ${(statSync(tarball).size / 1e6).toFixed(1)} MB\n`);
    expect(statSync(tarball).size).toBeLessThan(LARGEST_MB * 1e6);
    expect(readdirSync(folder.file('node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['bylaw']);
    const files = readdirSync(folder.file('node_modules/bylaw'), { recursive: true }).map(String);
    expect(files.filter((file) => /migrations|postgres|nest/i.test(file))).toEqual([]);
    const licences = readFileSync(folder.file('node_modules/bylaw/THIRD_PARTY_LICENSES'), 'utf8');
    expect(licences).toMatch(/^commander \d.*MIT/m);
  });

  it('starts by npx from a folder that has nothing else', () => {
    const npx = execFileSync('npx', ['--offline', 'bylaw', '--version'], { cwd: folder.path, encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(npx.trim()).toBe(version);
  });

  it('loads little before it checks: no schemas, no compiler, no tables', () => {
    const programs = folder.file('node_modules/bylaw/dist/apps/cli/src');
    const found = readdirSync(programs).find((name) => name.startsWith('check.command-')) ?? '';
    const loaded = new Set(['main.js', found]);
    for (const name of loaded) {
      const imports = readFileSync(join(programs, name), 'utf8').matchAll(
        /\bimport\s*(?:[^"'();]*?from)?["']\.\/([^"']+)["']/g,
      );
      for (const [, other = ''] of imports) loaded.add(other);
    }
    const bytes = [...loaded].reduce((sum, name) => sum + statSync(join(programs, name)).size, 0);
    expect(loaded.size).toBeGreaterThan(5);
    expect(bytes).toBeLessThan(LOADED_MOST_KB * 1_000);
  });

  it('checks a file, and hundreds in threads', async () => {
    const one = await bylaw('check', 'a.yaml', '--format', 'compact');
    expect([one.status, one.stderr]).toEqual([1, '']);
    expect(one.stdout).toMatch(/^a\.yaml:9:7: medium no-latest-tag: /);
    const pods = Array.from({ length: 300 }, (_, index) => aPodOfLatest(`pod-${index}`));
    folder.write({ 'many/a.yaml': pods.join('---\n') });
    const many = await bylaw('check', 'many', '--format', 'compact');
    expect([many.status, many.stdout.trim().split('\n').length]).toEqual([1, 300]);
  });

  it('writes every format', async () => {
    for (const format of ['json', 'sarif', 'junit', 'github', 'gitlab', 'azure', 'markdown', 'tap']) {
      const { status, stdout } = await bylaw('check', 'a.yaml', '--format', format);
      expect([format, status, stdout.includes('no-latest-tag')]).toEqual([format, 1, true]);
    }
  });

  it('compiles, tests and proves policies, and judges by them', async () => {
    expect(await bylaw('policy', 'test', 'rules')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 passed'),
    });
    expect((await bylaw('policy', 'prove', 'rules')).stdout).toContain('of 1 policies proved');
    const own = await bylaw('check', '--policy', 'rules', '--set', 'none', 'a.yaml', '--format', 'compact');
    expect([own.status, own.stdout]).toEqual([1, expect.stringContaining('Nobody owns this.')]);
  });

  it('fixes, begins a configuration, completes, and says what is not in it', async () => {
    folder.write({ 'fix/a.yaml': aPodOfLatest('a').replace('runAsNonRoot: true', 'privileged: true') });
    expect((await bylaw('check', '--fix', 'fix')).stderr).toContain('fixed, in 1 file');
    expect((await bylaw('init')).status).toBe(0);
    expect(readFileSync(folder.file('bylaw.yaml'), 'utf8')).toContain(
      '$schema=node_modules/bylaw/schemas/bylaw.schema.json',
    );
    expect(statSync(folder.file('node_modules/bylaw/schemas/bylaw.schema.json')).size).toBeGreaterThan(1_000);
    expect((await bylaw('completion', 'bash')).stdout).toContain('complete -o default -F _bylaw bylaw');
    expect(await bylaw('whoami')).toMatchObject({ status: 2, stderr: expect.stringContaining('bylaw login') });
    expect(await bylaw('doctor')).toMatchObject({ status: 2, stderr: expect.stringContaining('which are not here') });
  });
});
