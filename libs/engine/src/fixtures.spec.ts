import { describe, expect, it } from '@jest/globals';
import { judgeFixture, type EvaluateNow } from './fixture-judge.js';
import { readFixture, type Fixture } from './fixtures.js';
import type { PolicyInfo } from './policy.js';
import type { Finding, VerdictKind } from './verdict.js';

const OBJECT = `object:
  apiVersion: v1
  kind: ConfigMap
  metadata: { name: web, namespace: shop }
`;
const POLICY = {
  slug: 'sample',
  metadata: { kinds: ['ConfigMap'], parameters: { type: 'object', properties: { min: { default: 2 } } } },
} as unknown as PolicyInfo;

function answering(verdict: VerdictKind, findings: Finding[] = [], reason?: string): EvaluateNow {
  return () => [{ policy: 'sample', verdict, findings, ...(reason !== undefined && { reason }) }];
}

const aFinding = (path: string, found: number): Finding => ({ path, found, expected: 2, message: 'm' });

describe('readFixture', () => {
  it('reads YAML 1.1 as Kubernetes does', () => {
    const { parameters } = readFixture('pass-a.yaml', `${OBJECT}parameters: { mode: 0644, on: yes, day: 2026-03-01 }`);
    expect(parameters).toEqual({ mode: 420, true: true, day: '2026-03-01' });
  });

  it.each([
    ['maybe-a.yaml', OBJECT, 'is named'],
    ['pass-a.yaml', 'description: x', 'object is missing'],
    ['pass-a.yaml', `${OBJECT}finding: []`, 'unknown key finding'],
    ['pass-a.yaml', `${OBJECT}findings: [{ path: a }]`, 'fail- fixtures have findings'],
    ['invalid-a.yaml', OBJECT, 'names the refused path'],
  ])('refuses %s that is none (%#)', (file, text, message) => {
    expect(() => readFixture(file, text)).toThrow(message);
  });
});

describe('judgeFixture', () => {
  const aFixture = (file: string, rest = ''): Fixture => readFixture(file, OBJECT + rest);

  it('accepts the promised verdict', () => {
    expect(judgeFixture(answering('pass'), POLICY, aFixture('pass-a.yaml'))).toMatchObject({ ok: true, problems: [] });
    expect(judgeFixture(answering('skipped', [], 'r'), POLICY, aFixture('skip-a.yaml', 'reason: r'))).toMatchObject({
      ok: true,
    });
  });

  it('says what the policy said instead', () => {
    const result = judgeFixture(answering('fail', [aFinding('data.a', 1)]), POLICY, aFixture('pass-a.yaml'));
    expect(result.problems).toEqual(['the verdict is fail, not pass (data.a: m)']);
    const reason = judgeFixture(answering('skipped', [], 'other'), POLICY, aFixture('skip-a.yaml', 'reason: r'));
    expect(reason.problems).toEqual(['the reason is "other", not "r"']);
  });

  it('compares findings in any order, on the keys given', () => {
    const fixture = aFixture('fail-a.yaml', 'findings: [{ path: data.b, found: 3 }, { path: data.a }]');
    const both = [aFinding('data.a', 1), aFinding('data.b', 3)];
    expect(judgeFixture(answering('fail', both), POLICY, fixture).ok).toBe(true);
  });

  it('takes any findings where a failing fixture names none', () => {
    expect(judgeFixture(answering('fail', [aFinding('data.a', 1)]), POLICY, aFixture('fail-a.yaml')).ok).toBe(true);
    expect(judgeFixture(answering('pass'), POLICY, aFixture('fail-a.yaml')).ok).toBe(false);
  });

  it('tells missing and surplus findings', () => {
    const fixture = aFixture('fail-a.yaml', 'findings: [{ path: data.a, found: 2 }]');
    expect(judgeFixture(answering('fail', [aFinding('data.a', 1)]), POLICY, fixture).problems).toEqual([
      'not found: {"found":2,"path":"data.a"}',
      'not expected: {"expected":2,"found":1,"message":"m","path":"data.a"}',
    ]);
  });

  it('hands over merged parameters and the normalised object', () => {
    const fixture = aFixture('pass-a.yaml');
    const seen: unknown[] = [];
    judgeFixture((request) => (seen.push(request), answering('pass')(request)), POLICY, {
      ...fixture,
      object: { ...fixture.object, status: {} },
    });
    expect(seen).toEqual([
      expect.objectContaining({
        params: { sample: { min: 2 } },
        review: expect.objectContaining({ namespace: 'shop', object: fixture.object }),
      }),
    ]);
  });

  it('expects an invalid fixture to be refused for the place that it names', () => {
    const text = `object: { apiVersion: v1, kind: ConfigMap, metadata: { name: 1 } }\n`;
    expect(
      judgeFixture(answering('pass'), POLICY, readFixture('invalid-a.yaml', `${text}invalid: metadata.name`)).ok,
    ).toBe(true);
    expect(judgeFixture(answering('pass'), POLICY, readFixture('invalid-a.yaml', `${text}invalid: data`)).ok).toBe(
      false,
    );
    expect(judgeFixture(answering('pass'), POLICY, readFixture('pass-a.yaml', text)).problems[0]).toContain('refused');
  });

  it('does not count a pass of a kind that the policy does not claim', () => {
    const fixture = readFixture('pass-a.yaml', OBJECT.replace('ConfigMap', 'Secret'));
    expect(judgeFixture(answering('pass'), POLICY, fixture).problems[0]).toContain('Secret is none of the kinds');
  });
});
