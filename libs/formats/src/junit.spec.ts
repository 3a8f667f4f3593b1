import { describe, expect, it } from '@jest/globals';
import { formatResult } from './index.js';
import { readJunit } from './testdata/readers.js';
import {
  aFinding,
  aResult,
  aViolation,
  HOSTILE,
  hostileViolation,
  manyViolations,
  ofEachStanding,
  withRemarks,
} from './testdata/results.js';

const junit = (result = aResult()) => readJunit(formatResult('junit', result));

describe('JUnit', () => {
  it('of nothing has one test that passes, for an empty report is an error to Jenkins', () => {
    const { cases, properties } = junit();
    expect(cases.map(({ name, outcome }) => [name, outcome])).toEqual([['all checks pass', 'passed']]);
    expect(properties).toMatchObject({ decision: 'deny', objects: '2', passed: '40', failed: '0' });
  });

  it('has a suite an object and a failure a policy, with place, field and remedy of each finding', () => {
    const findings = [
      aFinding({ location: { path: 'a.yaml', line: 9, column: 7 } }),
      aFinding({ message: 'the other', location: { path: 'a.yaml', line: 12, column: 7 } }),
    ];
    const { cases } = junit(aResult([aViolation({ findings, severity: 'high', message: 'two are wrong' })]));
    expect(cases).toMatchObject([
      { suite: 'Deployment shop/web', name: 'no-latest-tag', outcome: 'failure', message: 'two are wrong' },
    ]);
    for (const part of [
      'a.yaml:9:7',
      'a.yaml:12:7: the other',
      'containers[0].image: found "nginx"',
      'Name the version',
    ])
      expect(cases[0]?.text).toContain(part);
  });

  it('fails by what counts alone: what is waived or was there before is skipped, with the reason', () => {
    const { cases, suites } = junit(aResult(ofEachStanding()));
    expect(cases.map(({ outcome, text }) => [outcome, text.split('\n')[0]])).toEqual([
      ['failure', 'critical, audit'],
      ['skipped', 'In the baseline: it was there before.'],
      ['skipped', 'Waived: until March'],
    ]);
    expect(suites.at(-1)).toBe('3 tests, 1 failures, 0 errors, 2 skipped');
  });

  it('has errors for what could not be judged, and skips what was not to be', () => {
    const { cases } = junit(withRemarks());
    expect(cases.map(({ classname, name, outcome }) => [classname, name, outcome])).toEqual([
      ['bylaw invalid', 'deploy/bad.yaml', 'error'],
      ['bylaw warning', 'deploy/twice.yaml', 'skipped'],
      ['bylaw ignored', 'chart/Chart.yaml', 'skipped'],
      ['bylaw not-considered', 'binding production', 'skipped'],
      ['Service shop/web', 'image-signed', 'error'],
      ['Service shop/web', 'hpa-target-exists', 'skipped'],
    ]);
    expect(cases[0]?.message).toBe('line 4, column 2: no colon here');
  });

  it.each(HOSTILE)('takes any text: %j', (_called, text) => {
    const { cases } = junit(withRemarks([hostileViolation(text)], text));
    expect(cases).toHaveLength(7);
    expect(cases[4]?.message.length).toBeGreaterThan(0);
  });

  it('shows a text as it was, as far as XML can', () => {
    const text = 'a ]]> b <c> & "d" \'e\' 😀 \u0000';
    expect(junit(aResult([aViolation({ message: text })])).cases[0]?.message).toBe(text.replace('\u0000', '\ufffd'));
  });

  it('holds thousands', () => {
    expect(junit(aResult(manyViolations(5_000))).cases).toHaveLength(5_000);
  });
});
