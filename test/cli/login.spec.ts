import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLI, type Ended, runCli, TestFolder } from '../support/cli-command.js';
import { aGoodPod } from '../support/manifests.js';
import { hasTerminal, onTerminal } from '../support/terminal.js';
import { TestPlatform } from '../support/test-platform.js';

const itOnTerminal = hasTerminal() ? it : it.skip;

describe('bylaw login', () => {
  let platform: TestPlatform;
  let key: string;
  let home: TestFolder;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    key = platform.owner.key ?? '';
  });
  afterAll(() => platform.stop());
  beforeEach(() => {
    home = new TestFolder();
  });
  afterEach(() => home.remove());

  const file = (): string => home.file('bylaw/credentials.json');
  const kept = (): unknown => JSON.parse(readFileSync(file(), 'utf8'));
  const bylaw = (args: string[], input = '', env: Record<string, string> = {}): Promise<Ended> =>
    runCli(args, { cwd: home.path, input, env: { XDG_CONFIG_HOME: home.path, ...env } });
  const login = (url = platform.url, ...more: string[]): Promise<Ended> =>
    bylaw(['login', '--server', url, '--token-stdin', ...more], `${key}\n`);
  const aKeyFor = async (...scopes: string[]): Promise<string> =>
    ((await platform.owner.post('/api/v1/api-keys', { name: 'ci', scopes })).body as { key: string }).key;

  it('proves the key, and keeps it where nobody else can read it; further commands need nothing more', async () => {
    const { status, stdout, stderr } = await login(`${platform.url.toUpperCase()}/`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('(acme)');
    expect(stdout).not.toContain(key);
    expect([statSync(home.file('bylaw')).mode & 0o777, statSync(file()).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(await bylaw(['whoami'])).toMatchObject({ status: 0, stdout: expect.stringContaining(`${platform.url}: `) });
    expect((await bylaw(['policy', 'list'])).stdout).toContain('no-latest-tag');
    expect((await bylaw(['export', 'audit-log', '--server', platform.url])).stdout).toContain('api-key.create');
  });

  it('is judged there by `bylaw check` where that is asked for, and here where it is not', async () => {
    await login();
    home.write({ 'a.yaml': aGoodPod('a') });
    const { stdout } = await bylaw(['check', '--server', platform.url, '--format', 'json', 'a.yaml']);
    const { body } = await platform.owner.get('/api/v1/validations?limit=1');
    const { id } = JSON.parse(stdout) as { id: string };
    expect(body).toMatchObject({ items: [{ id }] });
    await bylaw(['check', 'a.yaml']);
    expect((await platform.owner.get('/api/v1/validations?limit=1')).body).toMatchObject({ items: [{ id }] });
  });

  it('takes a key that may do little, and says what', async () => {
    key = await aKeyFor('validate');
    expect((await login()).stdout).toContain('the key “ci” for validate');
    key = platform.owner.key ?? '';
    expect((await bylaw(['policy', 'list'])).stderr).toContain('403 forbidden_scope');
  });

  it.each<[string, string, RegExp]>([
    ['none', '', /no API key/],
    ['one with a typing error', 'bylaw_key_nonsense', /not all of it/],
    ['of several lines', 'a\nb', /no API key/],
  ])('keeps no key that is %s', async (_what, input, why) => {
    const { status, stderr } = await bylaw(['login', '--server', platform.url, '--token-stdin'], input);
    expect([status, stderr]).toEqual([2, expect.stringMatching(why)]);
    expect(existsSync(file())).toBe(false);
  });

  it('keeps no key that the platform does not know, and none of a platform that does not answer', async () => {
    const made = (await bylaw(['keygen'])).stdout;
    const unknown = await bylaw(['login', '--server', platform.url, '--token-stdin'], made);
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('401 unauthenticated')]);
    const away = await login('http://127.0.0.1:1');
    expect([away.status, away.stderr]).toEqual([2, expect.stringContaining('no answer from http://127.0.0.1:1')]);
    expect(existsSync(file())).toBe(false);
  });

  it('sends a key to no server but the one that it was kept for', async () => {
    const heard: (string | undefined)[] = [];
    const other: Server = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"items": [], "next_cursor": null}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await login();
    for (const args of [['policy', 'list'], ['whoami'], ['check', '-']]) {
      const { status, stderr } = await bylaw([...args, '--server', there], aGoodPod('a'));
      expect([status, stderr]).toEqual([2, expect.stringContaining(`an API key is needed for ${there}`)]);
    }
    expect(heard).toEqual([]);
    other.close();
  });

  it('keeps several, and goes to the default one where none is named', async () => {
    const localhost = platform.url.replace('127.0.0.1', 'localhost');
    await login();
    await login(localhost);
    expect((await bylaw(['whoami'])).stdout).toContain(`There are keys for ${localhost} too`);
    await login(localhost, '--default');
    expect((await bylaw(['whoami'])).stdout).toContain(`${localhost}: `);
    expect((await bylaw(['logout'])).stdout).toContain(`The key for ${localhost} is forgotten`);
    expect(kept()).toEqual({ servers: { [platform.url]: { key } } });
    expect((await bylaw(['logout', '--server', localhost])).stdout).toContain('Nothing is kept');
  });

  it('comes after options and environment', async () => {
    await login();
    const wrong = (await bylaw(['keygen'])).stdout.trim();
    const refused = expect.stringContaining('401 unauthenticated');
    expect((await bylaw(['whoami'], '', { BYLAW_TOKEN: wrong })).stderr).toEqual(refused);
    expect((await bylaw(['whoami', '--token', wrong], '', { BYLAW_TOKEN: key })).stderr).toEqual(refused);
    expect((await bylaw(['whoami'], '', { BYLAW_SERVER: 'http://127.0.0.1:1', BYLAW_TOKEN: key })).stderr).toContain(
      'no answer from http://127.0.0.1:1',
    );
    const whoami = ['whoami', '--server', platform.url];
    const environment = { BYLAW_SERVER: 'http://127.0.0.1:1', BYLAW_TOKEN: '', BYLAW_API_KEY: key };
    expect((await bylaw(whoami, '', environment)).stdout).toContain('The key is that of BYLAW_API_KEY');
  });

  it('takes nothing from a file that others can read, and says how that is mended', async () => {
    await login();
    chmodSync(file(), 0o640);
    const { status, stderr } = await bylaw(['whoami']);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`chmod 600 '${file()}'`)]);
    expect((await bylaw(['whoami', '--server', platform.url, '--token', key])).status).toBe(0);
    chmodSync(file(), 0o600);
    home.write({ 'bylaw/credentials.json': '{"servers": []}' });
    expect(await bylaw(['whoami'])).toMatchObject({ status: 2, stderr: expect.stringContaining('log in again') });
  });

  it('writes through a link, as those who keep their settings elsewhere have it', async () => {
    await login();
    renameSync(file(), home.file('elsewhere.json'));
    symlinkSync(home.file('elsewhere.json'), file());
    await bylaw(['logout']);
    expect(JSON.parse(readFileSync(home.file('elsewhere.json'), 'utf8'))).toEqual({ servers: {} });
  });

  itOnTerminal('asks on a terminal, and shows nothing of the answer', async () => {
    expect(await bylaw(['login', '--server', platform.url])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--token-stdin'),
    });
    const command = `'${process.execPath}' '${CLI}' login --server ${platform.url}`;
    const env = { ...process.env, XDG_CONFIG_HOME: home.path };
    const screen = await onTerminal(command, { env, typed: `${key}\r` });
    expect(screen).toContain(`API key for ${platform.url}: `);
    expect(screen).toContain('Logged in');
    expect(screen).not.toContain(key.slice(-20));
    expect(kept()).toMatchObject({ servers: { [platform.url]: { key } } });
    const interrupted = await onTerminal(command, { env, typed: '\u0003' });
    expect(interrupted).toContain('nothing was entered');
  });
});
