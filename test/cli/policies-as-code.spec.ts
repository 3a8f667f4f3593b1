import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PolicyDetail } from '#contracts';
import { CLI, HOMELESS } from '../support/cli-command.js';
import { TestPlatform } from '../support/test-platform.js';

const SOURCE = 'git.example.com/acme/policies';

const rego = (name: string, message = 'Nobody owns this.', title = 'Somebody owns it'): string => `# METADATA
# title: ${title}
# custom:
#   category: security
#   severity: low
#   kinds: [Pod]
#   remediation: Name the owner.
package acme.${name}

import data.lib.objects

violation contains {
	"path": "metadata.labels.owner",
	"found": null,
	"expected": "a name",
	"message": "${message}",
} if {
	not objects.metadata.labels.owner
}
`;
const TESTS = `package acme.owned_test

import data.acme.owned

test_unowned if count(owned.violation) == 1 with input as {"review": {"object": {"metadata": {}}}}
`;
const fixture = (labels: string): string =>
  `object:\n  apiVersion: v1\n  kind: Pod\n  metadata: { name: a, labels: { ${labels} } }\n  spec: { containers: [] }\n`;

describe('policies as code', () => {
  let platform: TestPlatform;
  let folder: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    folder = mkdtempSync(join(tmpdir(), 'bylaw-as-code-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await platform.stop();
  });

  const write = (files: Record<string, string>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  const bylaw = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, ...HOMELESS, BYLAW_API_KEY: platform.owner.key, NO_COLOR: '1' };
      execFile(process.execPath, ['--no-warnings', CLI, ...args], { env }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const push = (...args: string[]) =>
    bylaw('policy', 'push', folder, '--server', platform.url, '--source', SOURCE, ...args);
  const policy = async (slug: string): Promise<PolicyDetail> =>
    (await platform.owner.get(`/api/v1/policies/${slug}`)).body as PolicyDetail;

  it('are tested where they are written, without anything else', async () => {
    write({
      'owned/policy.rego': rego('owned'),
      'owned/policy_test.rego': TESTS,
      'owned/fixtures/pass-owned.yaml': fixture('owner: me'),
      'owned/fixtures/fail-unowned.yaml': fixture('a: b'),
      'second/policy.rego': rego('second'),
    });
    const { status, stdout } = await bylaw('policy', 'test', folder);
    expect([status, stdout]).toEqual([0, '3 passed, 0 failed (1 Rego tests, 2 fixtures)\n']);
  });

  it('are planned, then pushed once, and not again', async () => {
    const plan = await push('--plan');
    expect([plan.status, plan.stdout.match(/^\+ \w+ +create/gm)?.length]).toEqual([1, 2]);
    expect((await policy('owned')).id).toBeUndefined();
    expect((await push()).status).toBe(0);
    expect(await policy('owned')).toMatchObject({ status: 'published', version: 1, source: SOURCE });
    const again = await push();
    expect([again.status, again.stdout]).toEqual([0, expect.stringContaining('0 to do, 2 as they are')]);
    expect((await push('--plan')).status).toBe(0);
    expect((await policy('owned')).latest_version).toBe(1);
    const tested = await platform.owner.post('/api/v1/policies/owned/test');
    expect(tested.body).toMatchObject({ ok: true, cases: [{ name: 'fail-unowned' }, { name: 'pass-owned' }] });
  });

  it('are changed where they are kept, and only there', async () => {
    const { id } = await policy('owned');
    const refused = await platform.owner.patch(`/api/v1/policies/${id}`, { severity: 'high' });
    expect([refused.status, (refused.body as { detail: string }).detail]).toEqual([
      409,
      expect.stringContaining(SOURCE),
    ]);
    write({ 'owned/policy.rego': rego('owned', 'This has no owner.') });
    expect((await push('--draft')).stdout).toMatch(/~ owned +update: version 2: rego/);
    expect(await policy('owned')).toMatchObject({ version: 1, latest_version: 2 });
    expect((await push()).stdout).toMatch(/> owned +publish/);
    expect(await policy('owned')).toMatchObject({ version: 2, latest_version: 2 });
  });

  it('are left alone where they are somebody else’s, and nothing else is changed', async () => {
    const made = { title: 'Made here', category: 'security', severity: 'low', kinds: ['Pod'], remediation: 'x' };
    const text = rego('third').replace(/^#.*\n/gm, '');
    await platform.owner.post('/api/v1/policies', { slug: 'third', rego: text, ...made });
    await platform.owner.post('/api/v1/policies', { slug: 'fourth', rego: text, ...made, source: 'elsewhere' });
    write({ 'third/policy.rego': rego('third'), 'new/policy.rego': rego('new') });
    const blocked = await push();
    expect([blocked.status, blocked.stdout]).toEqual([2, expect.stringMatching(/! third +blocked: .*--adopt/)]);
    expect((await policy('new')).id).toBeUndefined();
    expect((await push('--adopt')).status).toBe(0);
    expect(await policy('third')).toMatchObject({ source: SOURCE, status: 'published', title: 'Somebody owns it' });
    write({ 'fourth/policy.rego': rego('fourth') });
    expect((await push('--adopt')).stdout).toMatch(/! fourth +blocked: it is kept in elsewhere/);
    rmSync(join(folder, 'fourth'), { recursive: true });
  });

  it('are deprecated once they are gone, where that is asked for', async () => {
    rmSync(join(folder, 'second'), { recursive: true });
    expect((await push()).stdout).toMatch(/= second +unchanged: .*--prune/);
    expect((await push('--prune')).stdout).toMatch(/- second +retire/);
    expect(await policy('second')).toMatchObject({ status: 'deprecated' });
    expect((await push('--prune')).stdout).toContain('0 to do');
  });

  it('are pulled into a folder that gives the same', async () => {
    const other = join(folder, '..', `pulled-${process.pid}`);
    try {
      const pull = (...args: string[]) => bylaw('policy', 'pull', other, '--server', platform.url, ...args);
      const first = await pull();
      expect([first.status, first.stdout]).toEqual([0, expect.stringMatching(/^5 policies, 8 files written/)]);
      expect(readFileSync(join(other, 'owned/policy.rego'), 'utf8')).toBe(rego('owned', 'This has no owner.'));
      // What was given over the API stands in the file now.
      expect(readFileSync(join(other, 'fourth/policy.rego'), 'utf8')).toMatch(/^# METADATA\n# title: Made here\n/);
      expect((await bylaw('policy', 'test', other)).status).toBe(0);
      expect((await pull()).stdout).toContain('0 files written');
      writeFileSync(join(other, 'owned/policy.rego'), '# mine');
      expect((await pull('owned')).status).toBe(2);
      expect(readFileSync(join(other, 'owned/policy.rego'), 'utf8')).toBe('# mine');
      expect((await pull('owned', '--force')).status).toBe(0);
      expect((await pull('no-such')).stderr).toContain('no policy of your own: no-such');
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('are formatted, listed and shown', async () => {
    expect((await bylaw('policy', 'fmt', folder, '--check')).status).toBe(0);
    write({ 'new/policy.rego': rego('new').replaceAll('\t', '  ') });
    const check = await bylaw('policy', 'fmt', folder, '--check');
    expect([check.status, check.stdout]).toEqual([1, `${join(folder, 'new/policy.rego')}\n`]);
    expect((await bylaw('policy', 'fmt', folder)).status).toBe(0);
    expect(readFileSync(join(folder, 'new/policy.rego'), 'utf8')).toBe(rego('new'));
    write({ 'bad/policy.rego': 'package x\n\nviolation if {' });
    expect((await bylaw('policy', 'fmt', folder)).stderr).toContain('bad/policy.rego:3:');
    expect((await push()).status).toBe(2);
    const listed = await bylaw('policy', 'list', '--server', platform.url, '--origin', 'custom');
    expect(listed.stdout).toMatch(/^owned +low +custom +published +Somebody owns it$/m);
    const shown = await bylaw('policy', 'show', 'owned', '--server', platform.url);
    expect(shown.stdout).toContain(`kept in ${SOURCE}`);
    expect((await bylaw('policy', 'show', 'no-such', '--server', platform.url)).status).toBe(2);
  });
});
