import { describe, expect, it } from '@jest/globals';
import type { Severity } from '#kernel';
import type { ValidationResult } from '#contracts';
import { formatResult, type ResultContext } from './index.js';
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

const text = (result: ValidationResult, context: ResultContext = {}): string => formatResult('text', result, context);
const compact = (result: ValidationResult): string[] => formatResult('compact', result).split('\n').slice(0, -1);

describe('text for a terminal', () => {
  it('of nothing is what it comes to', () => {
    expect(text(aResult([], { decision: 'allow' }))).toBe(
      '2 objects, 40 checks passed, 0 failed\nDecision: allow (fails from high on, or where it is enforced)\n',
    );
  });

  it('has findings by file, from its beginning on, and the remedy once a policy', () => {
    const at = (path: string, line: number) =>
      aViolation({ findings: [aFinding({ location: { path, line, column: 7 } })] });
    const lines = text(aResult([at('b.yaml', 1), at('a.yaml', 9), at('a.yaml', 2)])).split('\n');
    expect(lines.filter((line) => /^(?:\w+\.yaml| {2}\d+:)/.test(line)).map((line) => line.slice(0, 30))).toEqual(
      [
        'a.yaml',
        '  2:7 note medium no-latest-tag: Container',
        '  9:7 note medium no-latest-tag: Container',
        'b.yaml',
        '  1:7 note medium no-latest-tag: Container',
      ].map((line) => line.slice(0, 30)),
    );
    expect(lines.filter((line) => line.includes('Name the version that you tested'))).toHaveLength(1);
    expect(lines).toContain('    image: nginx:1.27');
    expect(lines.join('\n')).toContain('Deployment shop/web spec.template.spec.containers[0].image: found "nginx"');
  });

  it('has the remedies of the worst three policies, and says where the others are', () => {
    const of = (slug: string, severity: Severity) =>
      aViolation({ policy: { ...aViolation().policy, slug }, severity, remediation: `Mend ${slug}.` });
    const shown = text(
      aResult([of('one', 'low'), of('two', 'critical'), of('three', 'info'), of('four', 'high'), of('five', 'medium')]),
    );
    expect(shown.match(/Mend \w+\./g)).toEqual(['Mend two.', 'Mend four.', 'Mend five.']);
    expect(shown).toContain('… and 2 more: the formats markdown and json have all of them');
  });

  it('tells apart what does not count, and what was not judged', () => {
    const shown = text({ ...withRemarks(), violations: ofEachStanding() });
    const heading = (of: string): string =>
      shown
        .slice(0, shown.indexOf(of))
        .split('\n')
        .findLast((line) => /^\S/.test(line)) ?? '';
    expect(heading('it counts')).toBe('deploy/web.yaml');
    expect(heading('it was there')).toBe('In the baseline, so it does not count');
    expect(heading('it is waived (until March)').length).toBeGreaterThan(0);
    expect(heading('it is waived')).toBe('Waived');
    expect(heading('deploy/bad.yaml:4:2: invalid yaml_syntax: no colon here')).toContain('Not judged');
  });

  it('has colours where they are wanted alone', () => {
    const result = aResult([aViolation({ severity: 'high' })]);
    expect(text(result)).not.toContain('\u001b');
    expect(text(result, { colour: true })).toContain('\u001b[31m');
    expect(text(result, { colour: true }).replaceAll(/\p{Cc}\[\d+m/gu, '')).toBe(text(result));
  });

  it.each(HOSTILE)('shows any text in its line, and steers neither terminal nor CI: %j', (_called, hostile) => {
    const shown = text(withRemarks([hostileViolation(hostile)], hostile));
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    for (const line of shown.split('\n')) expect(line).not.toMatch(/^\s*::|##(?:vso)?\[/i);
  });

  it('holds thousands', () => {
    expect(text(aResult(manyViolations(5_000))).match(/^ {2}\d+:1 /gm)).toHaveLength(5_000);
  });
});

describe('compact text', () => {
  it('is one line a finding that counts, as editors read it', () => {
    expect(compact(aResult(ofEachStanding()))).toEqual(['deploy/web.yaml:9:7: critical no-latest-tag: it counts']);
    expect(compact(aResult())).toEqual([]);
    expect(compact(aResult([withoutPlace({ instance: 'strict' })]))[0]).toMatch(
      /^Deployment shop\/web: medium no-latest-tag \(strict\): /,
    );
  });

  it('has a line for what was not judged', () => {
    expect(compact(withRemarks())).toEqual([
      'deploy/bad.yaml:4:2: invalid yaml_syntax: no colon here',
      'Service shop/web: error image-signed: no colon here',
      'deploy/twice.yaml:7:3: warning duplicate_key: no colon here',
      'Service shop/web: skipped hpa-target-exists: no colon here',
      'chart/Chart.yaml: ignored needs_rendering: no colon here',
      'binding production: not considered binding: no colon here',
    ]);
  });

  it.each(HOSTILE)('keeps any text in its line: %j', (_called, hostile) => {
    expect(compact(withRemarks([hostileViolation(hostile)], hostile))).toHaveLength(7);
  });
});
