import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from './config.js';

describe('the environment', () => {
  it('has the defaults of the contract', () => {
    const config = readConfig({}, true);
    expect([config.port, config.initOrg, config.demo, config.logFormat]).toEqual([3000, 'acme', false, 'pretty']);
    expect(readConfig({ PORT: '' }, false)).toMatchObject({ port: 3000, logFormat: 'json' });
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['REDIS_URL', 'localhost'],
    ['BYLAW_DEMO', 'maybe'],
    ['BYLAW_INIT_ORG', 'Not A Slug'],
    ['BYLAW_PUBLIC_URL', 'bylaw'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readConfig({ [name]: value }, false)).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value }, false)).toThrow(name);
  });
});
