import { describe, expect, it } from '@jest/globals';
import { oneLine, visibleLines } from './escape-line.js';
import { formatResult } from './index.js';
import { readTap } from './testdata/readers.js';
import {
  aResult,
  aViolation,
  HOSTILE,
  hostileViolation,
  manyViolations,
  ofEachStanding,
  withRemarks,
} from './testdata/results.js';

const tap = (result = aResult()) => readTap(formatResult('tap', result));

describe('TAP', () => {
  it('of nothing is one point that is ok', () => {
    const { points, results } = tap();
    expect([points.length, results.ok]).toEqual([1, true]);
  });

  it('has a point a violation, with a diagnostic that is YAML', () => {
    const { points, results } = tap(aResult([aViolation({ severity: 'high' })]));
    expect(results).toMatchObject({ ok: false, count: 1, fail: 1 });
    expect(points[0]).toMatchObject({
      ok: false,
      name: 'Deployment shop/web: no-latest-tag',
      diag: {
        severity: 'high',
        enforcement: 'audit',
        findings: [
          {
            at: 'deploy/web.yaml:9:7',
            field: 'spec.template.spec.containers[0].image',
            details: expect.stringContaining('found "nginx"'),
          },
        ],
        remediation: expect.stringContaining('image: nginx:1.27'),
      },
    });
  });

  it('does not fail by what is waived or was there before', () => {
    const { points, results } = tap(aResult(ofEachStanding()));
    expect(results).toMatchObject({ count: 3, fail: 3, todo: 2, failures: [{ id: 1 }] });
    expect(points.map(({ todo }) => todo)).toEqual([false, 'in the baseline', 'waived: until March']);
    const [, ...apart] = ofEachStanding();
    expect(tap(aResult(apart)).results.ok).toBe(true);
  });

  it('tells of what was not judged', () => {
    const { points } = tap(withRemarks());
    expect(points.map(({ ok, name, skip }) => [ok, name, skip])).toEqual([
      [false, 'deploy/bad.yaml:4:2: yaml_syntax', false],
      [false, 'Service shop/web: image-signed', false],
      [true, 'deploy/twice.yaml:7:3: duplicate_key', 'warning: no colon here'],
      [true, 'Service shop/web: hpa-target-exists', 'skipped: no colon here'],
      [true, 'chart/Chart.yaml: needs_rendering', 'ignored: no colon here'],
      [true, 'binding production: binding', 'not-considered: no colon here'],
    ]);
  });

  it.each(HOSTILE)('takes any text, and no text makes a point of its own: %j', (_called, text) => {
    const { points, results } = tap(withRemarks([hostileViolation(text)], text));
    expect([points.length, results.plan.end, results.bailout]).toEqual([7, 7, false]);
    expect([points[0]?.skip, points[0]?.todo]).toEqual([false, false]);
    expect(points[0]?.name).toBe(oneLine(`Deployment shop/${text}: no-latest-tag (${text})`));
    const diag = points[0]?.diag as { message: string };
    expect(diag.message.slice(0, 3_000)).toBe(visibleLines(text).slice(0, 3_000));
  });

  it('holds thousands', () => {
    expect(tap(aResult(manyViolations(2_000))).points).toHaveLength(2_000);
  });
});
