import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ValidationResult } from '#contracts';
import { type Ended, runCli, TestFolder } from '../support/cli-command.js';
import { aGoodPod, aPodOfLatest } from '../support/manifests.js';
import { TestPlatform } from '../support/test-platform.js';

/** Answers as it is told to, each request by the next answer, the last one for all further ones. */
class FakeAnswers {
  private constructor(
    private readonly server: Server,
    readonly url: string,
    readonly bodies: readonly { files?: { path: string }[] }[],
  ) {}

  static async start(
    ...answers: [status: number, body: object, headers?: Record<string, string>][]
  ): Promise<FakeAnswers> {
    const bodies: { files?: { path: string }[] }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof bodies)[number]);
        const [status, body, headers] = answers[Math.min(bodies.length, answers.length) - 1] ?? [500, {}];
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeAnswers(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const aResult = (part: Partial<ValidationResult> = {}): ValidationResult => ({
  id: 'val_x',
  decision: 'allow',
  fail_on: 'high',
  not_considered: [],
  summary: {
    objects: 1,
    evaluated: 3,
    pass: 3,
    fail: 0,
    waived: 0,
    error: 0,
    skipped: 0,
    by_severity: { info: 0, low: 0, medium: 0, high: 0, critical: 0 },
  },
  violations: [],
  unresolved: [],
  documents: [{ index: 0, path: 'a.yaml', status: 'ok' }],
  ...part,
});

describe('bylaw check --server', () => {
  let platform: TestPlatform;
  let folder: TestFolder;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    folder = new TestFolder({
      'a.yaml': aPodOfLatest('a'),
      'good.yaml': aGoodPod('good'),
      'values.yaml': 'apiVersion and kind are words in here: 1\n',
      'broken.yaml': 'apiVersion: v1\nkind: [\n',
    });
  });
  afterAll(async () => {
    folder.remove();
    await platform.stop();
  });

  const check = (args: string[], env: Record<string, string> = {}): Promise<Ended> =>
    runCli(['check', ...args], { cwd: folder.path, env });
  const there = (...args: string[]): Promise<Ended> =>
    check(['--server', platform.url, '--token', platform.owner.key ?? '', ...args]);

  it('is judged by the organization’s bindings, and recorded with where it came from', async () => {
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://git.example.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_HEAD_REF: 'feature',
      GITHUB_SHA: 'abc',
      GITHUB_ACTOR: 'someone',
      GITHUB_RUN_ID: '7',
      BYLAW_SERVER: platform.url,
      BYLAW_TOKEN: platform.owner.key ?? '',
    };
    const { status, stdout } = await check(['--format', 'json', 'a.yaml'], env);
    const { id, decision, violations } = JSON.parse(stdout) as ValidationResult;
    expect([status, decision]).toEqual([0, 'allow']);
    expect(violations.map(({ policy, location }) => [policy.slug, location?.path])).toEqual([
      ['no-latest-tag', 'a.yaml'],
    ]);
    const { body } = await platform.owner.get('/api/v1/validations?limit=1');
    expect(body).toMatchObject({
      items: [
        {
          id,
          context: {
            repository: 'git.example.com/acme/shop',
            ref: 'feature',
            commit: 'abc',
            actor: 'someone',
            url: 'https://git.example.com/acme/shop/actions/runs/7',
          },
        },
      ],
    });
  });

  it('asks git where no CI service says what is checked', async () => {
    const repository = new TestFolder({ 'a.yaml': aGoodPod('a') });
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', repository.path, ...args], { encoding: 'utf8' });
    git('init', '--quiet', '--initial-branch', 'trunk');
    git('remote', 'add', 'origin', 'https://user:secret@git.example.com/acme/infra.git');
    git('add', '.');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '-m', 'x');
    await runCli(['check', '--server', platform.url, '--token', platform.owner.key ?? ''], { cwd: repository.path });
    const { body } = await platform.owner.get('/api/v1/validations?limit=1');
    const context = { repository: 'git.example.com/acme/infra', ref: 'trunk', commit: git('rev-parse', 'HEAD').trim() };
    expect(body).toMatchObject({ items: [{ context }] });
    repository.remove();
  });

  it('tells of rendered documents by the file they come from, beside the chart', async () => {
    const chart = new TestFolder({ 'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n' });
    const input = `---\n# Source: shop/templates/a.yaml\n${aPodOfLatest('a')}---\nnotes: 1\n`;
    const args = ['check', '--server', platform.url, '--token', platform.owner.key ?? '', '--format', 'json', '.', '-'];
    const { stdout } = await runCli(args, { cwd: chart.path, input });
    chart.remove();
    const { documents, violations } = JSON.parse(stdout) as ValidationResult;
    expect(documents.map(({ path, status }) => [path, status])).toEqual([
      ['shop/Chart.yaml', 'ignored'],
      ['shop/templates/a.yaml', 'ok'],
      ['shop/templates/a.yaml', 'ignored'],
    ]);
    expect(violations.map(({ location }) => location)).toEqual([{ path: 'shop/templates/a.yaml', line: 9, column: 7 }]);
  });

  it('fails by --fail-on, and not by what an earlier result knew', async () => {
    expect((await there('--fail-on', 'low', 'a.yaml')).status).toBe(1);
    const before = new TestFolder({});
    await there('--format', `json=${before.file('before.json')}`, 'a.yaml');
    const { status, stdout } = await there('--fail-on', 'low', '--baseline', before.file('before.json'), 'a.yaml');
    expect([status, stdout]).toEqual([0, expect.stringContaining('1 in the baseline')]);
    before.remove();
  });

  it('tells of broken documents beside good ones, and takes no notice of what is none', async () => {
    const { status, stdout, stderr } = await there('--format', 'json', '.');
    const { documents } = JSON.parse(stdout) as ValidationResult;
    expect([status, stderr]).toEqual([2, expect.stringContaining('1 document can’t be read')]);
    expect(documents.map(({ path, status: one }) => [path, one])).toEqual([
      ['a.yaml', 'ok'],
      ['broken.yaml', 'invalid'],
      ['good.yaml', 'ok'],
      ['values.yaml', 'ignored'],
    ]);
    expect((await there('broken.yaml')).status).toBe(2);
    expect((await there('values.yaml')).stderr).toContain('no objects at all');
  });

  it('shows nothing to a stranger, and refuses a key that may not validate', async () => {
    const stranger = await platform.stranger();
    const cluster = await platform.owner.post('/api/v1/clusters', { name: 'theirs' });
    expect(cluster.status).toBe(201);
    const ofStranger = ['--server', platform.url, '--token', stranger.key ?? '', 'good.yaml'];
    expect(await check(['--cluster', 'theirs', ...ofStranger])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('404'),
    });
    expect((await there('--cluster', 'theirs', 'good.yaml')).status).toBe(0);
    const reader = await platform.owner.post('/api/v1/api-keys', { name: 'reader', scopes: ['read'] });
    const asReader = await check(['--server', platform.url, 'good.yaml'], {
      BYLAW_API_KEY: (reader.body as { key: string }).key,
    });
    expect(asReader).toMatchObject({ status: 2, stderr: expect.stringContaining('403') });
    const nobody = await check(['--server', platform.url, 'good.yaml']);
    expect(nobody).toMatchObject({ status: 2, stderr: expect.stringContaining('API key is needed') });
  });

  it('sends no key to a server that a file of the repository alone names, but the one that is kept for it', async () => {
    folder.write({ 'changed/bylaw.yaml': `server: ${platform.url}\n`, 'changed/good.yaml': aGoodPod('good') });
    const key = platform.owner.key ?? '';
    const inThere = (args: string[], env: Record<string, string>, input = ''): Promise<Ended> =>
      runCli(args, { cwd: folder.file('changed'), env, input });
    for (const [args, env] of [
      [['--token', key], {}],
      [[], { BYLAW_TOKEN: key }],
    ] as const) {
      const { status, stderr } = await inThere(['check', ...args], env);
      expect([status, stderr]).toEqual([2, expect.stringContaining('name it by BYLAW_SERVER or --server')]);
    }
    expect((await inThere(['check'], { BYLAW_TOKEN: key, BYLAW_SERVER: platform.url })).status).toBe(0);
    const home = { XDG_CONFIG_HOME: folder.file('home') };
    expect((await inThere(['login', '--server', platform.url, '--token-stdin'], home, key)).status).toBe(0);
    expect((await inThere(['check'], { ...home, BYLAW_TOKEN: 'bylaw_key_of_another' })).status).toBe(0);
  });

  it('does as it was told where nobody answers: fails, or passes', async () => {
    const away = ['--server', 'http://127.0.0.1:1', '--token', 'bylaw_key_x', 'a.yaml'];
    const failed = await check(away);
    expect(failed).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('no answer from') });
    const passed = await check([...away, '--on-unavailable', 'pass']);
    expect(passed).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('nothing was judged') });
  });

  it('asks a busy server again, and takes one that stays away for away', async () => {
    const busy = await FakeAnswers.start(
      [503, {}, { 'retry-after': '0' }],
      [429, {}, { 'retry-after': '0' }],
      [200, aResult()],
    );
    expect((await check(['--server', busy.url, '--token', 'k', 'good.yaml'])).status).toBe(0);
    expect(busy.bodies).toHaveLength(3);
    busy.stop();
    const gone = await FakeAnswers.start([502, {}, { 'retry-after': '0' }]);
    const { status, stderr } = await check(['--server', gone.url, '--token', 'k', 'good.yaml']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('answers 502')]);
    gone.stop();
  });

  it('makes one result of several parts, halving what is too much at once', async () => {
    const denied = aResult({ decision: 'deny', not_considered: [{ binding: 'b', reason: 'needs cluster' }] });
    const fake = await FakeAnswers.start([413, { code: 'body_too_large' }], [200, aResult()], [200, denied]);
    const { status, stdout } = await check([
      '--server',
      fake.url,
      '--token',
      'k',
      '--format',
      'json',
      'a.yaml',
      'good.yaml',
    ]);
    const { decision, summary, documents } = JSON.parse(stdout) as ValidationResult;
    expect([status, decision, summary.objects, summary.pass]).toEqual([1, 'deny', 2, 6]);
    expect(documents.map(({ index }) => index)).toEqual([0, 1]);
    expect(fake.bodies.map(({ files }) => files?.map(({ path }) => path))).toEqual([
      ['a.yaml', 'good.yaml'],
      ['a.yaml'],
      ['good.yaml'],
    ]);
    fake.stop();
  });

  it('fails with 2 where a check that would deny could not be run', async () => {
    const object = { api_version: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' };
    const unresolved = { policy: 'p', instance: '', verdict: 'error', reason: 'timed out', object } as const;
    const fake = await FakeAnswers.start([
      200,
      aResult({ decision: 'warn', unresolved: [{ ...unresolved, enforcement: 'deny' }] }),
    ]);
    const { status, stderr } = await check(['--server', fake.url, '--token', 'k', 'good.yaml']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('1 check that would deny')]);
    fake.stop();
  });

  it('sends the key to nobody that the server points at', async () => {
    const other = await FakeAnswers.start([200, aResult()]);
    const fake = await FakeAnswers.start([307, {}, { location: `${other.url}/api/v1/validate` }]);
    expect((await check(['--server', fake.url, '--token', 'k', join('.', 'good.yaml')])).status).toBe(2);
    expect(other.bodies).toEqual([]);
    fake.stop();
    other.stop();
  });
});
