import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ValidationResult, validationResultSchema } from '#contracts';
import { runCli, TestFolder } from '../support/cli-command.js';

/** Beside the repository, on machines that have it. */
const CORPUS = join(import.meta.dirname, '../../../../shared/corpora/manifests');
const present = existsSync(CORPUS);
const described = present ? describe : describe.skip;
if (!present) process.stderr.write(`skipped: real manifests are not there (${CORPUS})\n`);

/** What Kubernetes refuses too: see libs/kube/src/corpora.spec.ts. */
const REALLY_WRONG = [
  'ingress-nginx/docs__examples__auth__oauth-external-auth__vouch-proxy.yaml',
  'rook/deploy__examples__cleanup-job.yaml',
];

/** What there is of each format; that each keeps its schema is shown where it is made. */
const LOOKS: Record<string, (text: string) => boolean> = {
  json: (text) => validationResultSchema.safeParse(JSON.parse(text)).success,
  sarif: (text) => (JSON.parse(text) as { version?: string }).version === '2.1.0',
  junit: (text) => text.split('<testcase ').length > 1_000,
  github: (text) => text.match(/^::(?:error|warning|notice) /gm)?.length === 30,
  gitlab: (text) => {
    const issues = JSON.parse(text) as { fingerprint: string }[];
    return issues.length > 1_000 && new Set(issues.map(({ fingerprint }) => fingerprint)).size === issues.length;
  },
  azure: (text) => text.split('##vso[task.logissue ').length > 1_000,
  markdown: (text) => text.length > 10_000 && text.length < 65_536,
  tap: (text) => text.startsWith('TAP version 14\n') && text.split('\nnot ok ').length > 1_000,
  compact: (text) => text.split('\n').filter((line) => /^[^:]+:\d+:\d+: \w+ /.test(line)).length > 1_000,
};

described('manifests of well-known projects', () => {
  const folder = new TestFolder();
  afterAll(() => folder.remove());

  it('are all checked by everything, in every format, without a check that fails to run', async () => {
    const formats = Object.keys(LOOKS);
    const outputs = formats.flatMap((format) => ['--format', `${format}=${folder.file(format)}`]);
    const { status, stdout, stderr } = await runCli(['check', '--no-config', '--set', 'everything', ...outputs, '.'], {
      cwd: CORPUS,
    });
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('Decision: deny');
    const { summary, documents, unresolved } = JSON.parse(
      readFileSync(folder.file('json'), 'utf8'),
    ) as ValidationResult;
    expect(documents.filter((one) => one.status === 'invalid').map(({ path }) => path)).toEqual(REALLY_WRONG);
    expect(unresolved.filter(({ verdict }) => verdict === 'error')).toEqual([]);
    expect(summary.objects).toBeGreaterThan(1_500);
    for (const format of formats) {
      const text = readFileSync(folder.file(format), 'utf8');
      expect([format, LOOKS[format]?.(text)]).toEqual([format, true]);
    }
  }, 300_000);

  it('can be fixed where there are fixes, as far as a dry run says', async () => {
    const { status, stdout, stderr } = await runCli(['check', '--no-config', '--fix', '--dry-run', '.'], {
      cwd: CORPUS,
    });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^bylaw: \d+ violations can be fixed, in \d+ files$/m)]);
    expect(stdout).toContain('\n+++ b/');
  }, 300_000);
});
