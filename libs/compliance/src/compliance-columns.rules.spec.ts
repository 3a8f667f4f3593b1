import { describe, expect, it } from '@jest/globals';
import type { TimelinePoint, TimelineShape } from '#contracts';
import { complianceRows } from './compliance-columns.rules.js';

const AT = '2026-11-24T12:00:00.000Z';
const aPoint = (pass: number, fail: number, error = 0): TimelinePoint => ({
  at: AT,
  score: pass + fail === 0 ? null : pass / (pass + fail),
  coverage: (pass + fail) / (pass + fail + error),
  counts: {
    pass,
    fail,
    waived: 0,
    error,
    skipped: 0,
    unknown: 0,
    evaluated: pass + fail,
    eligible: pass + fail + error,
  },
});
const aTimeline = (changes: Partial<TimelineShape>): TimelineShape => ({
  from: AT,
  to: AT,
  step: 'day',
  time_zone: 'UTC',
  group_by: 'namespace',
  points: [aPoint(9, 3, 1)],
  groups: [
    { key: 'a', name: 'a', points: [aPoint(5, 1)] },
    { key: 'b', name: 'b', points: [aPoint(3, 0)] },
  ],
  groups_omitted: 7,
  like_for_like: [{ at: AT, score: 0.5 }],
  gaps: [],
  markers: [],
  ...changes,
});

describe('the rows of a timeline', () => {
  it('hold what groups had no room, so that they sum up to the whole', () => {
    const rows = complianceRows(aTimeline({}));
    expect(rows.map(({ key, name, pass, fail, error }) => [key, name, pass, fail, error])).toEqual([
      ['a', 'a', 5, 1, 0],
      ['b', 'b', 3, 0, 0],
      ['', '7 others', 1, 2, 1],
    ]);
    expect(rows[2]).toMatchObject({ score: 1 / 3, coverage: 0.75, eligible: 4, evaluated: 3, like_for_like: null });
  });

  it('of everything together have the like-for-like score beside theirs', () => {
    const rows = complianceRows(aTimeline({ group_by: null, groups: [], groups_omitted: 0 }));
    expect(rows).toMatchObject([{ group_by: null, key: '', name: '', score: 0.75, like_for_like: 0.5, pass: 9 }]);
  });
});
