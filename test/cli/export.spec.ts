import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditLineShape } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import { CLI, HOMELESS } from '../support/cli-command.js';
import { TestPlatform } from '../support/test-platform.js';

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command beside this process, which serves what it asks for. */
async function bylaw(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--no-warnings', CLI, ...args], {
    env: { ...process.env, ...HOMELESS, BYLAW_API_KEY: undefined, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...ended };
}

describe('bylaw export and verify', () => {
  let platform: TestPlatform;
  let folder: string;
  let log: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    folder = mkdtempSync(join(tmpdir(), 'bylaw-export-'));
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await agent.list(
      ['shop', 'data'].map((namespace) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace },
        spec: { containers: [{ name: 'a', image: 'nginx' }] },
      })),
    );
    await platform.settle();
    for (const name of ['Acme', 'line\u2028end', 'Ümlaut ✓'])
      await platform.owner.patch('/api/v1/organization', { name });
    log = join(folder, 'log.jsonl');
    await exported('audit-log', '--out', log);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await platform.stop();
  });

  const exported = (...args: string[]): Promise<Ended> =>
    bylaw(['export', ...args, '--server', platform.url], { BYLAW_API_KEY: platform.owner.key });
  const lines = (): string[] => readFileSync(log, 'utf8').trimEnd().split('\n');
  /** Writes the log with its lines changed, and verifies that. */
  const verifyEdited = (edit: (all: string[]) => string[]): Promise<Ended> => {
    const file = join(folder, 'edited.jsonl');
    writeFileSync(
      file,
      edit(lines())
        .map((line) => `${line}\n`)
        .join(''),
    );
    return bylaw(['verify', file]);
  };
  const editLine = (seq: number, edit: (line: AuditLineShape) => object) => (all: string[]) =>
    all.map((text, index) => (index === seq - 1 ? JSON.stringify(edit(JSON.parse(text) as AuditLineShape)) : text));

  it('writes what the API exports to standard output, by filters that are options', async () => {
    const { status, stdout, stderr } = await exported('violations', '--namespace', 'shop', '--format', 'jsonl');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe((await platform.owner.get('/api/v1/exports/violations.jsonl?namespace=shop')).body);
    expect(stdout).toContain('no-latest-tag');
    const csv = await exported('violations', '--history', '--bom', '--policy', 'no-latest-tag', '--format', 'csv');
    expect(csv.stdout.split('\r\n')[0]).toMatch(/^\uFEFFviolation_id,valid_from,valid_to,/);
    expect(csv.stdout.trimEnd().split('\r\n')).toHaveLength(3);
  });

  it('writes the timeline of compliance as a table, unless JSON is asked for', async () => {
    const range = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-04T00:00:00Z', '--time-zone', 'Europe/Berlin'];
    const query = 'from=2026-01-01T00:00:00Z&to=2026-01-04T00:00:00Z&time_zone=Europe/Berlin&group_by=severity';
    const table = await exported('compliance', ...range);
    expect([table.status, table.stderr]).toEqual([0, '']);
    expect(
      table.stdout
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split(',')[0]),
    ).toEqual([
      'at',
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T23:00:00.000Z',
      '2026-01-02T23:00:00.000Z',
      '2026-01-03T23:00:00.000Z',
      '2026-01-04T00:00:00.000Z',
    ]);
    const json = await exported('compliance', ...range, '--group-by', 'severity', '--format', 'json');
    expect(JSON.parse(json.stdout)).toEqual((await platform.owner.get(`/api/v1/compliance/timeline?${query}`)).body);
    expect(await exported('compliance', '--step', 'minute')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('400 invalid_filter'),
    });
  });

  it('takes its key from a file, and its address with a slash at the end', async () => {
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, `${platform.owner.key}\n`);
    const out = join(folder, 'violations.csv');
    const args = ['export', 'violations', '--server', `${platform.url}/`, '--key-file', keyFile, '--out', out];
    expect(await bylaw([...args, '--format', 'csv'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(out, 'utf8')).toMatch(/^id,state,severity,/);
  });

  it('leaves no half file, and the one that was there as it was', async () => {
    const half: Server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"half": true}\n', () => response.destroy());
    });
    half.listen(0, '127.0.0.1');
    await once(half, 'listening');
    const server = `http://127.0.0.1:${(half.address() as AddressInfo).port}`;
    const target = join(folder, 'kept.jsonl');
    writeFileSync(target, 'as it was');
    const { status, stderr } = await bylaw(['export', 'violations', '--server', server, '--out', target], {
      BYLAW_API_KEY: 'bylaw_key_x',
    });
    half.close();
    expect([status, stderr]).toEqual([2, expect.stringContaining('not whole')]);
    expect(readFileSync(target, 'utf8')).toBe('as it was');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each([
    ['no key', [], {}, /API key is needed/],
    ['an unknown key', [], { BYLAW_API_KEY: 'bylaw_key_nonsense' }, /401 unauthenticated/],
    ['a key that is none', [], { BYLAW_API_KEY: 'a\nb' }, /no API key/],
    ['a key file that is not there', ['--key-file', '/nowhere/key'], {}, /--key-file \/nowhere\/key/],
    ['a filter that is none', ['--colour', 'red'], { BYLAW_API_KEY: 'x' }, /unknown option/],
    ['a format that is none', ['--format', 'xml'], { BYLAW_API_KEY: 'x' }, /Allowed choices are jsonl, csv, json/],
    ['a server that is no URL', ['--server', 'localhost:3000'], { BYLAW_API_KEY: 'x' }, /not a URL/],
    ['a server that is away', ['--server', 'http://127.0.0.1:1'], { BYLAW_API_KEY: 'x' }, /no answer from/],
    ['a file in no folder', ['--out', '/nowhere/at/all.csv'], 'owner', /ENOENT/],
    ['a filter’s value that is none', ['--severity', 'fatal'], 'owner', /400 invalid_filter severity/],
  ])('with %s it could not do it: exit 2, and a word about it', async (_what, args, env, said) => {
    const environment = typeof env === 'string' ? { BYLAW_API_KEY: platform.owner.key } : env;
    const { status, stdout, stderr } = await bylaw(
      ['export', 'violations', '--server', platform.url, ...(args as string[])],
      environment,
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
    expect(existsSync('/nowhere')).toBe(false);
  });

  it('verify says that a whole log is as it was written, and which chain it is', async () => {
    const { body } = await platform.owner.get('/api/v1/audit-log/verify');
    const { entries, head } = body as { entries: number; head: { hash: string } };
    const first = (JSON.parse(lines()[0] ?? '') as AuditLineShape).hash;
    const { status, stdout, stderr } = await bylaw(['verify', log]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^ok: ${entries} entries, chain ${first} to ${head.hash}, of org_\\w+\n$`));
  });

  it.each<[string, (all: string[]) => string[], RegExp]>([
    ['an action', editLine(3, (line) => ({ ...line, action: 'nothing' })), /:3: seq 3: its hash is of something else/],
    ['a time', editLine(3, (line) => ({ ...line, at: '2020-01-01T00:00:00.000Z' })), /seq 3: its hash/],
    ['an actor', editLine(2, (line) => ({ ...line, actor: { ...line.actor, name: 'Eve' } })), /seq 2: its hash/],
    ['a hash', editLine(2, (line) => ({ ...line, hash: '0'.repeat(64) })), /seq 2: its hash/],
    ['a link', editLine(2, (line) => ({ ...line, prev_hash: '0'.repeat(64) })), /seq 2: its hash/],
    ['an entry twice', (all) => [...all.slice(0, 2), ...all.slice(1)], /:3: seq 2: an entry of this number/],
    [
      'an entry, and another is missing before it',
      (all) => editLine(3, (line) => ({ ...line, action: 'x' }))(all).filter((_line, index) => index !== 1),
      /seq 3: its hash/,
    ],
  ])('verify names the first line where somebody edited %s: exit 1', async (_what, edit, said) => {
    const { status, stdout, stderr } = await verifyEdited(edit);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(said);
  });

  it.each<[string, (all: string[]) => string[], RegExp]>([
    ['entries are missing in the middle', (all) => all.toSpliced(2, 2), /missing between seq 2 and 5/],
    ['the first entries are missing', (all) => all.slice(2), /missing before seq 3/],
    ['there are no entries', () => [], /no entries/],
    ['a line is no JSON', (all) => [...all.slice(0, 1), 'half a li'], /:2: not JSON/],
    ['a line is something else', () => ['{"id": 1}'], /:1: not an entry of an audit log/],
    ['a line has a member more', editLine(2, (line) => ({ ...line, note: 'paid' })), /:2: not an entry/],
    [
      'a line says something twice',
      (all) => all.map((line, index) => (index === 1 ? line.replace('{', '{"action":"innocent",') : line)),
      /:2: not as an export writes it/,
    ],
    ['a line was written anew', (all) => all.map((line) => line.replaceAll(',"', ', "')), /:1: not as an export/],
  ])('verify can’t say where %s: exit 2', async (_what, edit, said) => {
    const { status, stdout, stderr } = await verifyEdited(edit);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
  });

  it('verify can’t say of a filtered export, a folder or a file that is not there: exit 2', async () => {
    const filtered = join(folder, 'filtered.jsonl');
    await exported('audit-log', '--action', 'organization.update', '--out', filtered);
    expect(await bylaw(['verify', filtered])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/entries are missing before seq \d+/),
    });
    for (const path of [folder, join(folder, 'nothing')])
      expect(await bylaw(['verify', path])).toMatchObject({ status: 2, stdout: '' });
  });
});
