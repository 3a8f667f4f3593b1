import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readConfig } from '#platform';
import { judgeNode, judgePublicUrl, judgeTogether, judgeVariables, OLDEST_NODE } from './configuration.rules.js';

const MANIFEST = fileURLToPath(new URL('../../../../package.json', import.meta.url));
const config = (environment: Record<string, string>) => readConfig(environment, false);

describe('settings', () => {
  it.each([
    ['18.20.8', 'failed'],
    ['20.9.0', 'failed'],
    ['20.19.0', 'ok'],
    ['100.0.0', 'ok'],
  ])('of Node %s are %s', (version, status) => {
    expect(judgeNode(version).status).toBe(status);
  });

  it('want the Node that package.json wants', () => {
    const { engines } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  });

  it.each([
    ['BYLAW_PUBLICURL', 'Did you mean BYLAW_PUBLIC_URL?'],
    ['BYLAW_TRUST_PROXYS', 'Did you mean BYLAW_TRUST_PROXY?'],
    ['BYLAW_RATE_OTHERS_PER_MINUTE', 'Did you mean BYLAW_RATE_OTHER_PER_MINUTE?'],
    ['DATABSE_URL', 'Did you mean DATABASE_URL?'],
    ['BYLAW_LICENCE', 'Leave it out, or see the README for its name.'],
  ])('%s is nobody’s, and it is said whose it may be', (name, advice) => {
    expect(judgeVariables({ [name]: 'x' }, []).slice(1)).toEqual([
      { subject: name, status: 'warning', found: 'is set, and nothing reads it', advice },
    ]);
  });

  it('of others are theirs, and empty ones are not set', () => {
    const environment = { PATH: '/bin', SPORT: '1', LOGLEVEL: '', PGHOST: 'x', BYLAW_COLOUR: '', BYLAW_API_KEY: 'x' };
    expect(judgeVariables(environment, [])).toEqual([
      { subject: 'settings', status: 'ok', found: 'nothing is set: all defaults' },
    ]);
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ DATABASE_URL: 'postgres://a@b/c' }, []],
    [{ DATABASE_OWNER_URL: 'postgres://a@b/c' }, ['failed DATABASE_URL']],
    [{ DATABASE_DIRECT_URL: 'postgres://a@b/c' }, ['failed DATABASE_URL']],
    [{ DATABASE_URL: 'postgres://a@b/c', DATABASE_DIRECT_URL: 'postgres://a@d/c' }, ['warning DATABASE_DIRECT_URL']],
    [{ DATABASE_URL: 'postgres://a@b/c', DATABASE_OWNER_URL: 'postgres://o@b/d' }, ['failed DATABASE_…URL']],
  ])('together: %j', (environment, expected) => {
    expect(judgeTogether(config(environment)).map(({ status, subject }) => `${status} ${subject}`)).toEqual(expected);
  });

  it.each([
    ['https://bylaw.example.com', '1', ['ok BYLAW_PUBLIC_URL']],
    ['https://bylaw.example.com/governance/', '1', ['ok BYLAW_PUBLIC_URL']],
    ['https://bylaw.example.com', undefined, ['ok BYLAW_PUBLIC_URL', 'warning BYLAW_TRUST_PROXY']],
    ['http://localhost:3000', undefined, ['ok BYLAW_PUBLIC_URL']],
    ['http://bylaw.example.com', '1', ['warning BYLAW_PUBLIC_URL']],
    ['bylaw.example.com:3000', '1', ['failed BYLAW_PUBLIC_URL']],
    ['https://me:secret@bylaw.example.com', '1', ['failed BYLAW_PUBLIC_URL']],
    ['https://bylaw.example.com/?a=b', '1', ['failed BYLAW_PUBLIC_URL']],
  ])('the public URL %s', (url, proxy, expected) => {
    const environment = { BYLAW_PUBLIC_URL: url, ...(proxy !== undefined && { BYLAW_TRUST_PROXY: proxy }) };
    const findings = judgePublicUrl(config(environment));
    expect(findings.map(({ status, subject }) => `${status} ${subject}`)).toEqual(expected);
    expect(JSON.stringify(findings)).not.toContain('secret');
  });
});
