import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { generateCredential, uuidV7 } from '#kernel';
import { TEST_SECRET } from '#testing';
import { DoctorPatient, said } from '../support/doctor-patient.js';
import { RedisServer } from '../support/redis-server.js';

describe('bylaw doctor and what stands around a platform', () => {
  let patient: DoctorPatient;
  const servers: Server[] = [];
  beforeAll(async () => {
    patient = await DoctorPatient.start();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => patient.stop());

  const listening = async (server: Server): Promise<string> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  /** Takes connections and never says a word. */
  const silent = (): Promise<string> =>
    listening(createServer((socket) => socket.on('error', () => undefined).unref()));
  const serving = (answer: RequestListener): Promise<string> => listening(createHttpServer(answer));

  describe('whose clock is wrong', () => {
    it.each([
      [0, []],
      [
        8_000,
        [
          expect.stringMatching(/^warning clock\/postgres: \d\.\d s behind this machine’s$/),
          expect.stringMatching(/^warning clock\/api: \d\.\d s behind this machine’s$/),
        ],
      ],
      [
        -90_000,
        [
          expect.stringMatching(/^failed clock\/postgres: \d\d\.\d s ahead of this machine’s$/),
          expect.stringMatching(/^failed clock\/api: \d\d\.\d s ahead of this machine’s$/),
        ],
      ],
    ])('by %i ms', async (offset, expected) => {
      const clock = { now: () => Date.now() + offset };
      const complaints = await patient.complaints({}, { clock });
      expect(said(complaints)).toEqual(expected);
      expect(complaints.filter(({ advice }) => !/NTP/.test(advice ?? ''))).toEqual([]);
    });
  });

  describe('whose keys are wrong', () => {
    const another = Buffer.alloc(32, 9).toString('base64');
    const anotherKey = (): string => generateCredential('api_key', uuidV7(Date.now()));

    it.each<[string, () => Record<string, string | undefined>, RegExp[]]>([
      [
        'another secret than the database was set up with',
        () => ({ BYLAW_SECRET_KEY: another }),
        [/^failed keys\/secret key: BYLAW_SECRET_KEY: not the one that the database was set up with/],
      ],
      [
        'half a secret',
        () => ({ BYLAW_SECRET_KEY: another.slice(0, 20) }),
        [/^failed keys\/secret key: BYLAW_SECRET_KEY: 32 bytes as base64 are needed/],
      ],
      [
        'no secret, though the database was set up with one',
        () => ({ BYLAW_SECRET_KEY: undefined }),
        [/^failed keys\/secret key: is gone, and the database holds credentials/],
      ],
      [
        'an owner’s key that nobody knows, so that nothing can be told of the secret',
        () => ({ BYLAW_INIT_API_KEY: anotherKey() }),
        [
          /^skipped keys\/secret key: BYLAW_SECRET_KEY: well-formed; .*, since the owner’s key is not known to the database/,
        ],
      ],
      [
        'no owner’s key at hand',
        () => ({ BYLAW_INIT_API_KEY: undefined }),
        [/^skipped keys\/secret key: .*, since the owner’s key is not at hand/],
      ],
      [
        'an owner’s key with a letter lost on its way',
        () => ({ BYLAW_INIT_API_KEY: patient.platform.owner.key?.slice(0, -1) }),
        [/^skipped keys\/secret key: /, /^failed keys\/BYLAW_INIT_API_KEY: holds not a whole API key/],
      ],
      [
        'an enrolment token for the owner’s key',
        () => ({ BYLAW_INIT_API_KEY: generateCredential('enrollment', uuidV7(Date.now())) }),
        [/^skipped keys\/secret key: /, /^failed keys\/BYLAW_INIT_API_KEY: holds a key of another kind \(enrollment\)/],
      ],
    ])('%s', async (_what, changes, expected) => {
      const environment = changes();
      const complaints = await patient.complaints(environment);
      expect(said(complaints)).toEqual(expected.map((text) => expect.stringMatching(text)));
      for (const secret of Object.values(environment)) expect(JSON.stringify(complaints)).not.toContain(secret ?? '\0');
    });

    it('files that others may read, and what they hold', async () => {
      const files = { BYLAW_SECRET_KEY: undefined, BYLAW_INIT_API_KEY: undefined };
      const secret = patient.write('secret.key', `${TEST_SECRET.toString('base64url')}\n`);
      const owner = patient.write('owner.key', `${patient.platform.owner.key}\n`);
      expect(await patient.complaints(files)).toEqual([]);
      chmodSync(secret, 0o644);
      chmodSync(owner, 0o640);
      const complaints = await patient.complaints(files);
      expect(said(complaints)).toEqual([
        'failed keys/secret.key: everybody on this machine may read or change it (0644)',
        'warning keys/owner.key: its group may read or change it (0640)',
      ]);
      expect(complaints.map(({ advice }) => advice)).toEqual([`chmod 600 ${secret}`, `chmod 600 ${owner}`]);
      for (const file of [secret, owner]) rmSync(file);
    });
  });

  it('whose data folder is a file, or is not there', async () => {
    const file = patient.write('file', '');
    expect(said(await patient.complaints({ BYLAW_DATA_DIR: file }))).toEqual([
      `failed disk/data folder: ${file} is not a folder`,
    ]);
    rmSync(file);
    expect(await patient.complaints({ BYLAW_DATA_DIR: file })).toEqual([]);
    expect(said(await patient.complaints({ BYLAW_DATA_DIR: file, BYLAW_INIT_API_KEY: undefined }))).toContain(
      `warning disk/data folder: ${file} is not there yet`,
    );
  });

  describe('whose API is not there', () => {
    it('is a warning where it only might be, and a failure where somebody says that it is', async () => {
      const place = await silent();
      servers.pop()?.close();
      const away = `http://${place}`;
      expect(said(await patient.complaints({ BYLAW_PUBLIC_URL: away }))).toEqual([
        'skipped clock/api: it can’t be asked: see api',
        `warning api/healthz: no answer from ${place}: nothing listens there`,
      ]);
      expect(said(await patient.complaints({}, { url: `${away}/` }))).toContain(
        `failed api/healthz: no answer from ${place}: nothing listens there`,
      );
    });

    it('but something else, or one that is not ready', async () => {
      const other = await serving((_request, response) => response.end('<html>It works!</html>'));
      expect(said(await patient.complaints({ BYLAW_PUBLIC_URL: `http://${other}` }))).toEqual([
        `failed api/healthz: ${other} answers 200, and is not Bylaw`,
      ]);
      const ill = await serving((request, response) => {
        const ready = request.url !== '/readyz';
        response
          .writeHead(ready ? 200 : 503)
          .end(ready ? '{"status":"ok"}' : '{"detail":"The database does not answer."}');
      });
      expect(said(await patient.complaints({ BYLAW_PUBLIC_URL: `http://${ill}` }))).toEqual([
        'failed api/readyz: 503: The database does not answer.',
      ]);
    });
  });

  it('whose hosts take connections and never answer: every check ends, and says so', async () => {
    const [postgres, redis, api] = await Promise.all([silent(), silent(), silent()]);
    const complaints = await patient.complaints(
      {
        DATABASE_URL: `postgres://bylaw:a-long-secret@${postgres}/bylaw`,
        DATABASE_OWNER_URL: undefined,
        DATABASE_DIRECT_URL: undefined,
        REDIS_URL: `redis://:another-secret@${redis}`,
        BYLAW_PUBLIC_URL: `http://${api}`,
      },
      { limitMs: 1_000 },
    );
    expect(said(complaints.filter(({ status }) => status !== 'skipped'))).toEqual([
      `failed logins/DATABASE_URL: bylaw@${postgres}/bylaw: it does not answer in time`,
      `failed queue/redis: ${redis}: it does not answer in time`,
      `warning api/healthz: no answer from ${api}: it does not answer in time`,
    ]);
    expect(JSON.stringify(complaints)).not.toMatch(/a-long-secret|another-secret/);
  });

  (RedisServer.isInstalled() ? describe : describe.skip)('whose Redis', () => {
    let redis: RedisServer;
    let client: Redis;
    beforeEach(async () => {
      redis = await RedisServer.start();
      client = new Redis(redis.url, { retryStrategy: () => null });
      client.on('error', () => undefined);
    });
    afterEach(async () => {
      client.disconnect();
      await redis.stop();
    });
    const complaints = async (): Promise<string[]> => said(await patient.complaints({ REDIS_URL: redis.url }));

    it('is as it should be: nothing to complain of, and nothing is left in it', async () => {
      expect(await complaints()).toEqual([]);
      expect(await client.dbsize()).toBe(0);
    });

    it('throws away what it is to keep', async () => {
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      expect(await complaints()).toEqual([
        'warning queue/redis memory: allkeys-lru: with a limit it would throw parts of the queue away',
      ]);
      await client.config('SET', 'maxmemory', '100mb');
      expect(await complaints()).toEqual([
        expect.stringMatching(/^failed queue\/redis memory: allkeys-lru \(.* of 100\.0 MiB\): when full, it throws/),
      ]);
    });

    it('wants a password, or is away', async () => {
      await client.config('SET', 'requirepass', 'a-long-secret');
      expect(await complaints()).toEqual([
        expect.stringMatching(/^failed queue\/redis: .*: it wants a password, or another one$/),
        'skipped clock/redis: it can’t be asked: see queue',
      ]);
      await client.config('SET', 'requirepass', '');
      await redis.pause();
      expect(await complaints()).toEqual([
        `failed queue/redis: ${redis.url.slice('redis://'.length)}: nothing listens there`,
        'skipped clock/redis: it can’t be asked: see queue',
      ]);
    });

    it('holds wake-ups that nobody takes', async () => {
      const beside = { REDIS_URL: redis.url };
      await client.hset('bull:runs:1', {
        name: 'runs',
        data: '{}',
        opts: '{}',
        timestamp: String(Date.now() - 600_000),
      });
      await client.lpush('bull:runs:wait', '1');
      expect(said(await patient.complaints(beside))).toEqual([
        expect.stringMatching(/^warning queue\/wake-ups: runs: 1 waiting, 0 at work, .* the oldest waits for 10 min$/),
      ]);
    });
  });

  it('whose settings don’t fit together: each is named, and what can be looked at is looked at', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bylaw-doctor-'));
    const complaints = await patient.complaints({
      PORT: 'many',
      BYLAW_DATA_DIR: folder,
      BYLAW_SECRTE_KEY: 'x',
      BYLAW_COLOUR: 'red',
      REDIS_URI: 'redis://localhost',
      REDIS_URL: 'redis://:100%-sure@localhost',
      DATABASE_DIRECT_URL: undefined,
      DATABASE_OWNER_URL: 'postgres://owner:a-long-secret@127.0.0.1:1/elsewhere',
    });
    expect(said(complaints).filter((text) => text.includes(' configuration/'))).toEqual([
      'failed configuration/REDIS_URL: can’t be used: a % that stands for itself, in a password above all, is written %25',
      expect.stringMatching(/^failed configuration\/PORT: can’t be used: /),
      'warning configuration/BYLAW_SECRTE_KEY: is set, and nothing reads it',
      'warning configuration/BYLAW_COLOUR: is set, and nothing reads it',
      'warning configuration/REDIS_URI: is set, and nothing reads it',
      expect.stringMatching(/^failed configuration\/DATABASE_…URL: they name different databases: t_\w+, elsewhere$/),
    ]);
    expect(complaints.find(({ subject }) => subject === 'BYLAW_SECRTE_KEY')?.advice).toBe(
      'Did you mean BYLAW_SECRET_KEY?',
    );
    expect(complaints.find(({ subject }) => subject === 'REDIS_URI')?.advice).toBe('Did you mean REDIS_URL?');
    expect(said(complaints)).toContain('failed logins/owner: owner@127.0.0.1:1/elsewhere: nothing listens there');
    rmSync(folder, { recursive: true });
  });
});
