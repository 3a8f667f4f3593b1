import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { ClusterShape, ViolationShape } from '#contracts';
import { CLI, type Ended, HOMELESS, runCli, startCli } from '../support/cli-command.js';
import { fillViolations } from '../support/many-violations.js';
import { hasTerminal, onTerminal } from '../support/terminal.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const VIOLATIONS = 700;

const itOnTerminal = hasTerminal() ? it : it.skip;

describe('lists of a platform', () => {
  let platform: TestPlatform;
  let stranger: TestClient;
  let production: ClusterShape;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    stranger = await platform.stranger();
    const { body } = await platform.owner.post('/api/v1/clusters', { name: 'production', environment: 'live' });
    production = body as ClusterShape;
    await platform.owner.post('/api/v1/clusters', { name: 'staging' });
    await fillViolations(platform, production.id, VIOLATIONS);
  });
  afterAll(() => platform.stop());

  const environment = (key: string | undefined): Record<string, string> => ({
    BYLAW_SERVER: platform.url,
    BYLAW_TOKEN: key ?? '',
  });
  const bylaw = (...args: string[]): Promise<Ended> => runCli(args, { env: environment(platform.owner.key) });
  const asStranger = (...args: string[]): Promise<Ended> => runCli(args, { env: environment(stranger.key) });
  const found = async (...args: string[]): Promise<ViolationShape[]> =>
    JSON.parse((await bylaw('violations', '--format', 'json', ...args)).stdout) as ViolationShape[];

  it('show a stranger nothing, neither in a list nor by name or id', async () => {
    const [{ id = '' } = {}] = await found('--limit', '1');
    expect((await asStranger('clusters', '--format', 'json')).stdout).toBe('[]\n');
    expect((await asStranger('violations', '--format', 'json')).stdout).toBe('[]\n');
    for (const args of [
      ['clusters', 'show', production.id],
      ['violations', 'show', id],
    ])
      expect(await asStranger(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('404 not_found') });
    for (const args of [
      ['clusters', 'show', 'production'],
      ['violations', '--cluster', 'production'],
    ])
      expect(await asStranger(...args)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('no cluster is called'),
      });
  });

  it('need a key that may read', async () => {
    const { body } = await platform.owner.post('/api/v1/api-keys', { name: 'ci', scopes: ['validate'] });
    const refused = await runCli(['violations'], { env: environment((body as { key: string }).key) });
    expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('403 forbidden_scope') });
  });

  it('go on over as many pages as are asked for, and say that there are more', async () => {
    const some = await bylaw('violations', '--format', 'json');
    expect([(JSON.parse(some.stdout) as unknown[]).length, some.stderr]).toEqual([
      100,
      expect.stringContaining('there are more than these 100'),
    ]);
    const all = await bylaw('violations', '--format', 'json', '--limit', '1000');
    const ids = (JSON.parse(all.stdout) as ViolationShape[]).map(({ id }) => id);
    expect([new Set(ids).size, all.stderr]).toEqual([VIOLATIONS, '']);
  });

  it('are filtered as the API filters them', async () => {
    const ofOne = await found('--cluster', 'production', '--severity', 'critical', '-q', 'app-7', '--limit', '1000');
    expect(ofOne.length).toBeGreaterThan(0);
    expect(ofOne.every(({ severity, object }) => severity === 'critical' && object.name.startsWith('app-7'))).toBe(
      true,
    );
    expect(await found('--cluster', production.id, '--namespace', 'team-1', '--state', 'new')).not.toEqual([]);
    expect(await found('--cluster', 'staging')).toEqual([]);
    expect(await found('--at', '2020-01-01T00:00:00Z')).toEqual([]);
    const [first] = ofOne;
    const same = await found('--policy', first?.policy.slug ?? '', '--limit', '1000');
    expect(new Set(same.map(({ policy }) => policy.slug))).toEqual(new Set([first?.policy.slug]));
  });

  it.each<[string, string[], string]>([
    ['a severity that is none', ['--severity', 'awful'], 'Allowed choices are info, low'],
    ['a time that is none', ['--at', 'yesterday'], 'at: Invalid ISO datetime'],
    ['a limit that is none', ['--limit', '0'], 'A number from 1'],
    ['a format that is none', ['--format', 'xml'], 'Allowed choices are table, json, csv'],
    ['something that is no command', ['of', 'production'], 'too many arguments'],
    ['a cluster that is none', ['--cluster', '../policies'], 'no cluster is called ../policies'],
  ])('refuse %s', async (_what, args, said) => {
    expect(await bylaw('violations', ...args)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(said),
    });
  });

  it('are tables for people, CSV for spreadsheets', async () => {
    const { stdout } = await bylaw('clusters');
    expect(stdout.split('\n')[0]).toMatch(
      /^NAME +ENVIRONMENT +CONNECTION +OBJECTS +KUBERNETES +LAST SEEN AT +PROBLEMS +ID$/,
    );
    expect(stdout).toMatch(new RegExp(`^production +live +pending .*${production.id}$`, 'm'));
    const rows = parse((await bylaw('violations', '--format', 'csv', '--limit', '3')).stdout, { columns: true });
    expect(rows).toMatchObject(
      [1, 2, 3].map(() => ({ cluster: 'production', kind: 'Deployment', id: expect.stringMatching(/^vio_/) })),
    );
  });

  itOnTerminal('are as wide as the terminal, and whole elsewhere', async () => {
    const widths = (text: string): number[] =>
      text
        .trimEnd()
        .split(/\r?\n/)
        .map((line) => line.length);
    const whole = await bylaw('violations', '--limit', '20');
    expect(Math.max(...widths(whole.stdout))).toBeGreaterThan(130);
    const env = { ...process.env, ...HOMELESS, ...environment(platform.owner.key) };
    const command = `stty cols 130; '${process.execPath}' '${CLI}' violations --limit 20 2>/dev/null`;
    const cut = await onTerminal(command, { env });
    expect(Math.max(...widths(cut))).toBe(130);
    expect(cut).toContain('…');
    expect(cut).toMatch(/ vio_[0-9A-Z]{26}\r?$/m);
  });

  it('show one: a cluster, and a violation with what was found', async () => {
    expect((await bylaw('clusters', 'show', 'production')).stdout).toMatch(
      /^production\n {2}id +cls_\w+\n {2}environment +live\n/,
    );
    const [one] = await found('--limit', '1');
    const { stdout } = await bylaw('violations', 'show', one?.id ?? '');
    expect(stdout).toContain(`${one?.policy.slug}: ${one?.policy.title}`);
    expect(stdout).toContain('found "registry.example.com/team/app-');
    expect(JSON.parse((await bylaw('violations', 'show', '--json', one?.id ?? '')).stdout)).toEqual(one);
    expect(await bylaw('violations', 'show', 'vio_nonsense')).toMatchObject({ status: 2 });
  });

  it.each([
    'violations --limit 700',
    'export violations',
    'policy list',
    'policy show no-latest-tag',
    'violations --help',
  ])('end without a word where nobody reads on: %s', async (command) => {
    const child = startCli(command.split(' '), { env: environment(platform.owner.key) });
    child.stdout?.destroy();
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect([status, said]).toEqual([0, '']);
  });
});
