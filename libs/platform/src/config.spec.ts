import { describe, expect, it } from '@jest/globals';
import { isAbsolute } from 'node:path';
import { ConfigError, readConfig } from './config.js';
import { DEFAULT_RATES } from './rate-limits.rules.js';

describe('the environment', () => {
  it('has the defaults of the contract', () => {
    const config = readConfig({}, true);
    expect([config.port, config.initOrg, config.demo, config.logFormat]).toEqual([3000, 'acme', false, 'pretty']);
    expect([config.databaseUrl, config.redisUrl, config.initApiKey]).toEqual([undefined, undefined, undefined]);
    expect(isAbsolute(config.dataDir)).toBe(true);
    expect(readConfig({ PORT: '' }, false)).toMatchObject({ port: 3000, logFormat: 'json' });
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['DATABASE_OWNER_URL', 'localhost:5432/bylaw'],
    ['DATABASE_DIRECT_URL', 'http://x/y'],
    ['REDIS_URL', 'localhost'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['BYLAW_DEMO', 'maybe'],
    ['BYLAW_INIT_ORG', 'Not A Slug'],
    ['BYLAW_PUBLIC_URL', 'bylaw'],
    ['BYLAW_RATE_VALIDATE_PER_MINUTE', '0'],
    ['BYLAW_RATE_AGENT_PER_MINUTE', '600/'],
    ['BYLAW_RATE_OTHER_PER_MINUTE', '1/2/3'],
    ['BYLAW_RATE_BAD_CREDENTIALS_PER_MINUTE', 'few'],
    ['BYLAW_TRUST_PROXY', 'nginx'],
    ['BYLAW_TRUST_PROXY', '10.0.0.0/8, 10.0.0.0/99'],
    ['BYLAW_OUTBOUND_ALLOW', 'git.example.com'],
    ['BYLAW_OUTBOUND_ALLOW', '10.0.0.0/8; fd00::/8'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readConfig({ [name]: value }, false)).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value }, false)).toThrow(new RegExp(`^${name}: \\S+`));
  });

  it('that is wrong in several places says all of them at once', () => {
    const wrong = { PORT: 'http', LOG_LEVEL: 'loud', REDIS_URL: 'x' };
    const lines = ((): string[] => {
      try {
        readConfig(wrong, false);
        return [];
      } catch (error) {
        return (error as Error).message.split('\n');
      }
    })();
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual(['LOG_LEVEL', 'PORT', 'REDIS_URL']);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('takes BYLAW_DEMO=%s', (value, demo) => {
    expect(readConfig({ BYLAW_DEMO: value }, false).demo).toBe(demo);
  });

  it('takes limits for an organization and each credential, or one for both, and leaves the rest', () => {
    const { rates } = readConfig(
      { BYLAW_RATE_VALIDATE_PER_MINUTE: '9000/300', BYLAW_RATE_AUTHOR_PER_MINUTE: '40' },
      false,
    );
    expect(rates).toEqual({
      ...DEFAULT_RATES,
      perMinute: {
        ...DEFAULT_RATES.perMinute,
        validate: { organization: 9_000, credential: 300 },
        author: { organization: 40, credential: 40 },
      },
    });
  });

  it.each([
    ['2', 2],
    ['10.0.0.0/8, fd00::/8,127.0.0.1', ['10.0.0.0/8', 'fd00::/8', '127.0.0.1']],
    ['loopback', ['loopback']],
    ['', undefined],
  ])('believes the proxies of BYLAW_TRUST_PROXY=%s', (value, proxies) => {
    expect(readConfig({ BYLAW_TRUST_PROXY: value }, false).trustProxy).toEqual(proxies);
  });

  it('lets URLs of tenants lead into the networks of BYLAW_OUTBOUND_ALLOW, and into none unless it names them', () => {
    expect(readConfig({ BYLAW_OUTBOUND_ALLOW: '10.1.0.0/16, fd00::/8,192.168.7.7' }, false).outboundAllow).toEqual([
      '10.1.0.0/16',
      'fd00::/8',
      '192.168.7.7',
    ]);
    expect(readConfig({}, false).outboundAllow).toEqual([]);
  });

  it('takes a public address with a slash at its end as the same', () => {
    expect(readConfig({ BYLAW_PUBLIC_URL: 'https://bylaw.example.com/' }, false).publicUrl).toBe(
      'https://bylaw.example.com',
    );
  });
});
