import { describe, expect, it } from '@jest/globals';
import { verifyFixes } from './fixes.js';
import type { EvaluationRequest, Finding, FixOperation, PolicyVerdict } from './verdict.js';

/** Wants `a` and `b` to be 2, and nothing else to be there. */
function judge({ review, params }: EvaluationRequest): PolicyVerdict[] {
  const findings = Object.entries(review.object)
    .filter(([key, value]) => !['a', 'b'].includes(key) || value !== 2)
    .map(([path, found]): Finding => ({ path, found, expected: 2, message: 'm' }));
  return Object.keys(params).map((policy) => ({ policy, verdict: findings.length > 0 ? 'fail' : 'pass', findings }));
}

const REQUEST: EvaluationRequest = {
  review: { kind: { group: '', version: 'v1', kind: 'Sample' }, name: 'x', object: { a: 1, b: 1 } },
  params: { two: {} },
};

async function kept(...fix: FixOperation[]): Promise<boolean> {
  const [verdict] = judge(REQUEST);
  const findings = (verdict?.findings ?? []).map((finding) =>
    finding.path === 'a' ? Object.assign(finding, { fix }) : finding,
  );
  const [verified] = await verifyFixes(judge, REQUEST, [{ policy: 'two', verdict: 'fail', findings }]);
  expect(verified?.findings.map(({ path }) => path)).toEqual(['a', 'b']);
  return verified?.findings[0]?.fix !== undefined;
}

describe('verifyFixes', () => {
  it('keeps a fix after which its finding is gone, whatever else is wrong', async () => {
    expect(await kept({ op: 'replace', path: '/a', value: 2 })).toBe(true);
  });

  it('drops a fix that does not help', async () => {
    expect(await kept({ op: 'replace', path: '/a', value: 3 })).toBe(false);
  });

  it('drops a fix that helps here and breaks there', async () => {
    expect(await kept({ op: 'replace', path: '/a', value: 2 }, { op: 'add', path: '/c', value: 1 })).toBe(false);
  });

  it('tries fifty of one policy one by one, and shows no fix that it did not try', async () => {
    const extra = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`x${n}`, n]));
    const request = { ...REQUEST, review: { ...REQUEST.review, object: { a: 1, ...extra } } };
    const findings = (judge(request)[0]?.findings ?? []).map((finding) =>
      // Nothing mends `a`, so that all together settle nothing.
      finding.path === 'a' ? finding : { ...finding, fix: [{ op: 'remove' as const, path: `/${finding.path}` }] },
    );
    let calls = 0;
    const counted = (asked: EvaluationRequest): PolicyVerdict[] => {
      calls++;
      return judge(asked);
    };
    const [verified] = await verifyFixes(counted, request, [{ policy: 'two', verdict: 'fail', findings }]);
    expect(calls).toBe(50);
    expect(verified?.findings.filter(({ fix }) => fix !== undefined)).toHaveLength(49);
  });

  it('drops a fix that can’t be applied', async () => {
    expect(await kept({ op: 'remove', path: '/absent' })).toBe(false);
  });
});
