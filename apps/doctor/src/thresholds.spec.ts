import { describe, expect, it } from '@jest/globals';
import { REDIS_VERSIONS, type LoginFacts, type ServerFacts } from '#platform';
import { judgeFolder, judgeHistory, sized } from './disk.rules.js';
import { judgeConnections, judgeOwner, judgeServer } from './logins.rules.js';
import { addBacklogs, judgeBacklog, judgeQueue, judgeRedis } from './queue.rules.js';

const GIB = 1024 ** 3;

const aServer = (facts: Partial<ServerFacts> = {}): ServerFacts => ({
  version: '15.8',
  versionNumber: 150_008,
  inRecovery: false,
  maxConnections: 100,
  reservedConnections: 3,
  usedConnections: 20,
  ...facts,
});
const anOwner = (facts: Partial<LoginFacts> = {}): LoginFacts => ({
  login: 'bylaw_owner',
  superuser: false,
  bypassesRls: false,
  createsRoles: false,
  createsSchemas: true,
  owns: 40,
  ownedByOthers: 0,
  memberOf: [],
  ...facts,
});

describe('what a server, a disk or a queue is held to', () => {
  it.each([
    [aServer(), 'ok'],
    [aServer({ version: '14.11', versionNumber: 140_011 }), 'failed'],
    [aServer({ inRecovery: true }), 'failed'],
  ])('a server %#', (server, status) => {
    expect(judgeServer(server, 'bylaw@db/bylaw').status).toBe(status);
  });

  it.each([
    [aServer(), 'ok'],
    [aServer({ usedConnections: 80 }), 'warning'],
    [aServer({ maxConnections: 50 }), 'warning'],
  ])('its connections %#', (server, status) => {
    expect(judgeConnections(server, 31).status).toBe(status);
  });

  it.each([
    [anOwner(), 'ok'],
    [anOwner({ superuser: true }), 'warning'],
    [anOwner({ bypassesRls: true }), 'warning'],
    [anOwner({ createsSchemas: false }), 'failed'],
    [anOwner({ ownedByOthers: 1 }), 'failed'],
  ])('its owner %#', (owner, status) => {
    expect(judgeOwner(owner).status).toBe(status);
  });

  it.each([
    [GIB, 'ok'],
    [GIB - 1, 'warning'],
    [GIB / 20, 'failed'],
  ])('%i bytes of room', (free, status) => {
    const folder = { kind: 'folder', usable: true, owner: 1, user: 1, free } as const;
    expect(judgeFolder('/data', folder, true).map((finding) => finding.status)).toEqual(['ok', status]);
  });

  it('a folder of somebody else’s, and one that can’t be written', () => {
    const folder = { kind: 'folder', usable: true, owner: 1, user: 2, free: GIB } as const;
    expect(judgeFolder('/data', folder, true)[0]?.status).toBe('warning');
    expect(judgeFolder('/data', { ...folder, user: 0 }, true)[0]?.status).toBe('ok');
    expect(judgeFolder('/data', { ...folder, usable: false }, true).map(({ status }) => status)).toEqual(['failed']);
  });

  it('history at the end of a year, by the server’s clock', () => {
    const history = (months: string[], restBytes = 0) =>
      judgeHistory({
        databaseSize: 0,
        now: new Date('2026-12-31T23:59:59.999Z'),
        histories: [{ name: 'violation_span', months, restBytes }],
      }).map(({ status, found }) => `${status}: ${found}`);
    expect(history(['2026_12', '2027_01'])).toEqual(['ok: 1 table to the end of 2027-01']);
    expect(history(['2026_11', '2026_12'])).toEqual(['failed: not there: violation_span_2027_01']);
    expect(history(['2027_01'])).toEqual(['failed: not there: violation_span_2026_12']);
    expect(history(['2026_12', '2027_01'], 8_192)).toEqual([
      'warning: rows have been put outside of any month: violation_span_rest',
    ]);
  });

  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KiB'],
    [3 * GIB, '3.0 GiB'],
    [5_000 * 1_024 * GIB, '5000.0 TiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(sized(bytes)).toBe(text);
  });

  it.each([
    ['7.0.15', 'master', 'ok'],
    ['10.0.0', 'master', 'ok'],
    ['6.0.16', 'master', 'warning'],
    ['4.0.9', 'master', 'failed'],
    ['7.0.15', 'slave', 'failed'],
  ])('Redis %s, a %s', (version, role, status) => {
    const facts = { version, role, evictionPolicy: 'noeviction', maxMemory: 0, usedMemory: 1, persistent: false };
    expect(judgeRedis(facts, 'redis:6379').map((finding) => finding.status)).toEqual([status, 'ok']);
    expect(REDIS_VERSIONS).toEqual({ minimum: '5.0.0', recommended: '6.2.0' });
  });

  it('wake-ups that fail, or wait for long', () => {
    const queue = { queue: 'runs', waiting: 1, active: 0, failed: 0, oldestWaiting: new Date(0) };
    expect(judgeQueue(queue, 60_000).status).toBe('ok');
    expect(judgeQueue(queue, 60_001).status).toBe('warning');
    expect(judgeQueue({ ...queue, failed: 1 }, 0).status).toBe('warning');
  });

  it('what waits, as the sum of all organizations and the oldest of any', () => {
    const none = {
      events: 0,
      oldestEventMs: null,
      runs: 0,
      oldestRunMs: null,
      silentRuns: 0,
      longestSilentMs: null,
    };
    const sum = addBacklogs(
      [none, { ...none, events: 2, oldestEventMs: 70_000 }, { ...none, events: 1, oldestEventMs: 10 }],
      4,
    );
    expect(judgeBacklog(sum)).toEqual([
      {
        subject: 'events',
        status: 'warning',
        found: '3 to be delivered, in 3 organizations (4 more not looked at); the oldest waits for 70 s',
        advice: expect.stringMatching(/worker/),
      },
      { subject: 'runs', status: 'ok', found: 'none waits' },
    ]);
  });
});
