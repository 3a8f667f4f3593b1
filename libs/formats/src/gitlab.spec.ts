import { describe, expect, it } from '@jest/globals';
import { isStorable } from '#kernel';
import type { ValidationResult } from '#contracts';
import { formatResult } from './index.js';
import {
  aFinding,
  aResult,
  aViolation,
  HOSTILE,
  hostileViolation,
  manyViolations,
  ofEachStanding,
  withoutPlace,
  withRemarks,
} from './testdata/results.js';

interface Entry {
  description: string;
  check_name: string;
  fingerprint: string;
  severity: string;
  location: { path: string; lines: { begin: number } };
}
const entries = (result: ValidationResult): Entry[] => JSON.parse(formatResult('gitlab', result)) as Entry[];

describe('the Code Quality report of GitLab', () => {
  it('of nothing is an empty list', () => {
    expect(entries(aResult())).toEqual([]);
  });

  it('has an entry a finding, with what GitLab reads of it', () => {
    const findings = [
      aFinding({ location: { path: './deploy/a.yaml', line: 9, column: 7 } }),
      aFinding({ path: 'spec' }),
    ];
    expect(entries(aResult([aViolation({ severity: 'critical', findings, instance: 'strict' })]))).toMatchObject([
      {
        check_name: 'no-latest-tag (strict)',
        severity: 'blocker',
        location: { path: 'deploy/a.yaml', lines: { begin: 9 } },
      },
      { description: 'Container “app” runs nginx without a tag.', location: { path: 'deploy/web.yaml' } },
    ]);
  });

  it('names each of the severities', () => {
    const severities = entries(aResult(manyViolations(5))).map(({ severity }) => severity);
    expect(severities).toEqual(['blocker', 'critical', 'major', 'minor', 'info']);
  });

  it('has a fingerprint for each finding, which stays when lines move', () => {
    const same = aViolation();
    const twice = entries(aResult([same, same, ...manyViolations(2_000)])).map(({ fingerprint }) => fingerprint);
    expect(new Set(twice).size).toBe(2_002);
    const moved = aViolation({ location: { path: 'deploy/web.yaml', line: 70, column: 7 }, findings: [aFinding()] });
    expect(entries(aResult([moved]))[0]?.fingerprint).toBe(entries(aResult([aViolation()]))[0]?.fingerprint);
  });

  it('leaves out what does not count', () => {
    expect(entries(aResult(ofEachStanding())).map(({ description }) => description)).toEqual(['it counts']);
  });

  it('names the object where there is no file', () => {
    expect(entries(aResult([withoutPlace()]))[0]?.location).toEqual({
      path: 'Deployment shop/web',
      lines: { begin: 1 },
    });
  });

  it('tells of what could not be judged', () => {
    expect(
      entries(withRemarks()).map(({ description, location }) => [description, location.path, location.lines.begin]),
    ).toEqual([
      ['Invalid document: no colon here', 'deploy/bad.yaml', 4],
      ['Not judged: no colon here', 'Service shop/web', 1],
    ]);
  });

  it.each(HOSTILE)('takes any text: %j', (_called, text) => {
    const [entry] = entries(aResult([hostileViolation(text)]));
    expect(entry?.description).not.toMatch(/\p{Cc}/u);
    expect(isStorable(entry?.location.path ?? '')).toBe(true);
  });
});
