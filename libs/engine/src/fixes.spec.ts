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

function kept(...fix: FixOperation[]): boolean {
  const [verdict] = judge(REQUEST);
  const findings = (verdict?.findings ?? []).map((finding) =>
    finding.path === 'a' ? Object.assign(finding, { fix }) : finding,
  );
  const [verified] = verifyFixes(judge, REQUEST, [{ policy: 'two', verdict: 'fail', findings }], 'each');
  expect(verified?.findings.map(({ path }) => path)).toEqual(['a', 'b']);
  return verified?.findings[0]?.fix !== undefined;
}

describe('verifyFixes', () => {
  it('keeps a fix after which its finding is gone, whatever else is wrong', () => {
    expect(kept({ op: 'replace', path: '/a', value: 2 })).toBe(true);
  });

  it('drops a fix that does not help', () => {
    expect(kept({ op: 'replace', path: '/a', value: 3 })).toBe(false);
  });

  it('drops a fix that helps here and breaks there', () => {
    expect(kept({ op: 'replace', path: '/a', value: 2 }, { op: 'add', path: '/c', value: 1 })).toBe(false);
  });

  it('tries fifty of one policy one by one, and shows no fix that it did not try', () => {
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
    const [verified] = verifyFixes(counted, request, [{ policy: 'two', verdict: 'fail', findings }], 'each');
    expect(calls).toBe(50);
    expect(verified?.findings.filter(({ fix }) => fix !== undefined)).toHaveLength(49);
  });

  it('drops a fix that can’t be applied', () => {
    expect(kept({ op: 'remove', path: '/absent' })).toBe(false);
  });

  describe('as a whole', () => {
    const whole = (...fixes: FixOperation[][]): PolicyVerdict | undefined => {
      const findings = (judge(REQUEST)[0]?.findings ?? []).map((finding, index): Finding => {
        const fix = fixes[index];
        return fix === undefined ? finding : { ...finding, fix };
      });
      return verifyFixes(judge, REQUEST, [{ policy: 'two', verdict: 'fail', findings }], 'whole')[0];
    };
    const set = (key: string, value = 2): FixOperation => ({ op: 'replace', path: `/${key}`, value });

    it('makes one patch of fixes that settle the verdict together', () => {
      expect(whole([set('a')], [set('b')])?.patch).toEqual([set('a'), set('b')]);
    });

    it('says what they begin with only once: a second time would wipe out the first', () => {
      const begin: FixOperation = { op: 'add', path: '/a', value: 1 };
      expect(whole([begin, set('a')], [begin, set('b')])?.patch).toEqual([begin, set('a'), set('b')]);
    });

    it('makes none where a finding has no fix, or one does not work, and tries the others by themselves', () => {
      for (const verdict of [whole([set('a')]), whole([set('a')], [set('b', 3)])]) {
        expect(verdict?.patch).toBeUndefined();
        expect(verdict?.findings.map(({ fix }) => fix)).toEqual([[set('a')], undefined]);
      }
    });

    it('makes none where each works, but not one after the other', () => {
      const [first, second] = [[set('a')], [set('b'), set('a', 3)]];
      expect(whole(first, second)).toMatchObject({ findings: [{ fix: first }, {}] });
      expect(whole(first, second)?.patch).toBeUndefined();
    });
  });
});
