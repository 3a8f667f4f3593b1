import { describe, expect, it } from '@jest/globals';
import type { Result, Run } from 'sarif';
import type { ValidationResult } from '#contracts';
import { formatResult, type ResultContext } from './index.js';
import { readSarif } from './testdata/readers.js';
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

const runOf = (result: ValidationResult, context: ResultContext = {}): Run => {
  const [run] = readSarif(formatResult('sarif', result, context)).runs;
  if (run === undefined) throw new Error('there is no run');
  return run;
};
const resultsOf = (result: ValidationResult, context: ResultContext = {}): Result[] =>
  runOf(result, context).results ?? [];
const placeOf = ({ locations }: Result) => locations?.[0]?.physicalLocation;
const messages = (results: readonly Result[]): (string | undefined)[] => results.map(({ message }) => message.text);

describe('SARIF', () => {
  it('of nothing is a valid log with an empty list', () => {
    expect(runOf(aResult())).toMatchObject({ results: [], invocations: [{ executionSuccessful: true }] });
  });

  it('has a result for each finding, at its own line and column', () => {
    const findings = [3, 12].map((line) =>
      aFinding({ message: `line ${line}`, location: { path: 'deploy/a b#c.yaml', line, column: 5 } }),
    );
    const results = resultsOf(aResult([aViolation({ findings })]));
    expect(messages(results)).toEqual(['line 3', 'line 12']);
    expect(results.map(placeOf)).toEqual(
      [3, 12].map((startLine) => ({
        artifactLocation: { uri: 'deploy/a%20b%23c.yaml', uriBaseId: '%SRCROOT%' },
        region: { startLine, startColumn: 5 },
      })),
    );
  });

  it('says by its level what a violation decides, not how severe it is', () => {
    const violations = [
      aViolation({ severity: 'high' }),
      aViolation({ severity: 'info', enforcement: 'deny' }),
      aViolation({ severity: 'medium', enforcement: 'warn' }),
      aViolation({ severity: 'medium' }),
    ];
    expect(resultsOf(aResult(violations)).map(({ level }) => level)).toEqual(['error', 'error', 'warning', 'note']);
  });

  it('has the object where there is no file', () => {
    const [result] = resultsOf(aResult([withoutPlace()]));
    expect(result?.locations?.[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'Deployment/shop/web' }, region: { startLine: 1 } },
      logicalLocations: [{ fullyQualifiedName: 'Deployment shop/web spec.template.spec.containers[0].image' }],
    });
  });

  it('has rules with help and a severity that GitHub knows; the most severe of a policy speaks for it', () => {
    const policies = new Map([
      [
        'no-latest-tag',
        {
          description: 'Every image names its version.',
          remediation: 'Pin it.',
          standards: Array.from({ length: 30 }, (_, n) => ({ framework: 'cis', section: `5.${n}` })),
          url: 'https://example.com/no latest',
        },
      ],
    ]);
    const violations = [aViolation({ severity: 'low' }), aViolation({ severity: 'critical', category: 'security' })];
    const { rules = [] } = runOf(aResult(violations), { policies }).tool.driver;
    expect(rules).toMatchObject([
      {
        id: 'no-latest-tag',
        shortDescription: { text: 'Images name a fixed version' },
        fullDescription: { text: 'Every image names its version.' },
        help: { markdown: 'Every image names its version.\n\nPin it.' },
        helpUri: 'https://example.com/no%20latest',
        defaultConfiguration: { level: 'error' },
        properties: { 'security-severity': '9.5' },
      },
    ]);
    const tags = rules[0]?.properties?.tags ?? [];
    expect(tags).toHaveLength(20);
    expect(tags).toEqual(expect.arrayContaining(['security', 'cis/5.0']));
  });

  it('suppresses what is waived or was there before, and only that', () => {
    const results = resultsOf(aResult(ofEachStanding()));
    expect(results.map(({ message, level, suppressions }) => [message.text, level, suppressions?.[0]?.kind])).toEqual([
      ['it counts', 'error', undefined],
      ['it was there', 'note', 'external'],
      ['it is waived', 'note', 'inSource'],
    ]);
    expect(results[2]?.suppressions?.[0]?.justification).toBe('until March');
    expect(results[1]?.baselineState).toBe('unchanged');
  });

  it('knows a finding again when its lines move and its containers change places', () => {
    const hashOf = (index: number, line: number) => {
      const path = `spec.template.spec.containers[${index}].image`;
      const findings = [aFinding({ path, location: { path: 'a.yaml', line, column: 1 } })];
      return resultsOf(aResult([aViolation({ findings })]))[0]?.partialFingerprints?.['primaryLocationLineHash'];
    };
    expect(hashOf(0, 3)).toBe(hashOf(1, 70));
    const { fingerprint } = aViolation();
    const [bare] = resultsOf(aResult([aViolation({ findings: [] })]));
    expect(bare?.partialFingerprints?.['primaryLocationLineHash']).toBe(`${fingerprint}:1`);
    const others = resultsOf(
      aResult([aViolation({ findings: [aFinding(), aFinding({ message: 'also' }), aFinding({ container: 'b' })] })]),
    );
    expect(
      new Set(others.map(({ partialFingerprints }) => partialFingerprints?.['primaryLocationLineHash'])).size,
    ).toBe(3);
  });

  it('of more results than GitHub takes keeps the most severe, and says how many are not there', () => {
    const run = runOf(aResult(manyViolations(26_000)));
    expect(run.results).toHaveLength(25_000);
    const severities = (run.results ?? []).map(({ properties }) => properties?.['severity']);
    expect(severities.filter((severity) => severity === 'critical')).toHaveLength(5_200);
    expect(severities.filter((severity) => severity === 'info')).toHaveLength(4_200);
    expect(run.invocations?.[0]?.toolExecutionNotifications).toMatchObject([
      { message: { text: expect.stringContaining('1000 results left out') } },
    ]);
  });

  it('tells of documents and checks that were not judged, and is no success then', () => {
    const [invocation] = runOf(withRemarks()).invocations ?? [];
    expect(invocation?.executionSuccessful).toBe(false);
    expect(
      invocation?.toolExecutionNotifications?.map(({ descriptor, level, message, locations }) => [
        descriptor?.id,
        level,
        message.text,
        locations?.[0]?.physicalLocation?.artifactLocation?.uri,
        locations?.[0]?.physicalLocation?.region?.startLine,
      ]),
    ).toEqual([
      ['invalid', 'error', 'yaml_syntax: no colon here', 'deploy/bad.yaml', 4],
      ['error', 'warning', 'image-signed: no colon here', 'Service/shop/web', 1],
      ['warning', 'warning', 'duplicate_key: no colon here', 'deploy/twice.yaml', 7],
      ['skipped', 'note', 'hpa-target-exists: no colon here', 'Service/shop/web', 1],
      ['ignored', 'note', 'needs_rendering: no colon here', 'chart/Chart.yaml', 1],
      ['not-considered', 'note', 'binding: no colon here', 'binding/production', 1],
    ]);
  });

  it('names a place once where an object is there twice', () => {
    const { unresolved, ...rest } = withRemarks();
    const { invocations } = runOf({ ...rest, unresolved: [...unresolved, ...unresolved] });
    const counts = invocations?.[0]?.toolExecutionNotifications?.map(({ locations }) => locations?.length);
    expect(counts).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.each(HOSTILE)('takes any text: %j', (_called, text) => {
    const result = withRemarks([hostileViolation(text), withoutPlace({ message: text })], text);
    const [first] = resultsOf(result);
    expect(first?.message.text).not.toContain('](');
    expect(placeOf(first as Result)?.artifactLocation?.uri).toMatch(/^(?:[\w.!~*'()/-]|%[0-9A-F]{2})+$/);
  });

  it.each([
    ['/work/repository', '/work/repository/deploy/a.yaml', 'deploy/a.yaml'],
    ['/work/repository/', '/elsewhere/a.yaml', 'file:///elsewhere/a.yaml'],
    ['services/shop', './deploy/a.yaml', 'services/shop/deploy/a.yaml'],
    ['.', 'deploy/a.yaml', 'deploy/a.yaml'],
  ])('tells paths from the root %s: %s', (root, path, expected) => {
    const findings = [aFinding({ location: { path, line: 1, column: 1 } })];
    const [result] = resultsOf(aResult([aViolation({ findings })]), { root });
    expect(placeOf(result as Result)?.artifactLocation?.uri).toBe(expected);
  });
});
