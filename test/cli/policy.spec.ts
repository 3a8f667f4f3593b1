import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCredential } from '#kernel';

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const folders: string[] = [];

const bylaw = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--no-warnings', CLI, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });

const policy = (rule: string, kinds = '[Pod, Service]'): string => `# METADATA
# title: Pods have an owner
# description: For the test.
# custom:
#   category: security
#   severity: low
#   kinds: ${kinds}
#   remediation: Name the owner.
package bylaw.owned

violation contains {"path": "metadata.labels.owner", "found": null, "expected": "a name", "message": "Nobody owns this."} if {
	${rule}
	not input.review.object.metadata.labels.owner
}
`;
const object = (owner: string): string =>
  `description: d\nobject:\n  apiVersion: v1\n  kind: Pod\n  metadata: { name: a, labels: { ${owner} } }\n`;
const FINDINGS =
  'findings:\n  - path: metadata.labels.owner\n    found: null\n    expected: a name\n    message: Nobody owns this.\n';

function aLibrary(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bylaw-policies-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
const fixtures = {
  'owned/fixtures/pass-a.yaml': object('owner: me'),
  'owned/fixtures/fail-a.yaml': object('x: "1"') + FINDINGS,
};

describe('bylaw', () => {
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('keygen prints a well-formed key, alone on a line', () => {
    const { status, stdout } = bylaw('keygen');
    expect([status, stdout.split('\n').length]).toEqual([0, 2]);
    expect(readCredential(stdout.trim())?.kind).toBe('api_key');
  });

  it('policy prove finds a policy alive that can fail wherever it claims to look', () => {
    const { status, stdout } = bylaw('policy', 'prove', aLibrary({ 'owned/policy.rego': policy('true'), ...fixtures }));
    expect([status, stdout]).toEqual([0, expect.stringContaining('1 of 1 policies proved alive')]);
  });

  it('policy prove finds a policy dead on a kind that it claims and never fires on', () => {
    const { status, stdout } = bylaw(
      'policy',
      'prove',
      aLibrary({ 'owned/policy.rego': policy('input.review.kind.kind == "Pod"'), ...fixtures }),
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/DEAD\s+owned/);
    expect(stdout).toMatch(/never_fires\s+.*Service/);
  });

  it('policy test names the fixture that is judged otherwise than it promises', () => {
    const wrong = { ...fixtures, 'owned/fixtures/pass-b.yaml': object('x: "1"') };
    const { status, stdout } = bylaw('policy', 'test', aLibrary({ 'owned/policy.rego': policy('true'), ...wrong }));
    expect([status, stdout]).toEqual([1, expect.stringContaining('owned/fixtures/pass-b.yaml')]);
    expect(stdout).toContain('2 passed, 1 failed');
  });

  it('says row and column of what does not compile, and could not do it', () => {
    const { status, stderr } = bylaw('policy', 'test', aLibrary({ 'owned/policy.rego': policy('nonsense(1)') }));
    expect(status).toBe(2);
    expect(stderr).toMatch(/owned\/policy\.rego:12:2: .*nonsense/);
  });

  it.each([
    ['a command that is none', ['frobnicate']],
    ['no folder', ['policy', 'prove']],
    ['a folder that is not there', ['policy', 'prove', '/nowhere/at/all']],
    ['an agent without a server', ['agent', '--manifests', '.']],
    [
      'an agent of a folder that is not there',
      ['agent', '--server', 'http://localhost:1', '--manifests', '/nowhere/at/all'],
    ],
    ['an agent of a server that is no URL', ['agent', '--server', 'localhost', '--manifests', '.']],
  ])('%s: exit 2, and a word about it', (_what, args) => {
    const { status, stderr, stdout } = bylaw(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trim()).not.toBe('');
  });
});
