import { describe, expect, it } from '@jest/globals';
import { readConfig } from '#platform';
import { failed, ok } from './finding.js';
import { reportText } from './report.js';
import { withoutSecrets } from './secrets.rules.js';

const long = 'the first of many words that are said about something that is not as it should be, and then more';
const report = {
  version: '1.2.3',
  status: 'failed' as const,
  findings: [
    { check: 'queue' as const, ...ok('redis', 'there') },
    { check: 'disk' as const, ...failed('free space', long, 'Make room.') },
  ],
};

describe('the report', () => {
  it('stands in columns, with what to do under what is wrong, and breaks no line for programs', () => {
    expect(reportText(report)).toBe(
      `Bylaw 1.2.3\n\nqueue\n  ok      redis       there\n\ndisk\n  failed  free space  ${long}\n                      → Make room.\n\n1 failed, 1 ok\n`,
    );
  });

  it('keeps within the terminal', () => {
    const lines = reportText(report, 70).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(70);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(long);
  });

  it('holds no secret, whoever said it', () => {
    const environment = {
      DATABASE_URL: 'postgres://bylaw:p%40ss-word@db/bylaw',
      BYLAW_SECRET_KEY: 'a secret of the installation',
      LD_LIBRARY_PATH: '/usr/lib',
    };
    const surroundings = {
      environment,
      config: readConfig({ DATABASE_URL: environment.DATABASE_URL }, false),
      wrong: [],
      database: { missing: ok('database', '') },
      key: undefined,
      apiUrl: 'https://me:another-secret@bylaw.example.com',
      apiUrlGiven: true,
      stepMs: 1,
      clock: { now: () => 0 },
    };
    const said = 'bylaw:p@ss-word, p%40ss-word, a secret of the installation, another-secret, /usr/lib';
    expect(withoutSecrets([failed('x', said, said), ok('y', 'fine')], surroundings)).toEqual([
      { subject: 'x', status: 'failed', found: 'bylaw:…, …, …, …, /usr/lib', advice: 'bylaw:…, …, …, …, /usr/lib' },
      { subject: 'y', status: 'ok', found: 'fine' },
    ]);
  });
});
