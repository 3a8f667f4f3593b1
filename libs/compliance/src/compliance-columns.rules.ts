import type { ComplianceColumns, TimelinePoint, TimelineShape } from '#contracts';
import { differenceOf, type Series } from './timeline.rules.js';

/**
 * @param timeline as it is answered
 * @returns it as rows of a table: group by group, each from its first point to its last. What an answer has no room for is
 *   one more group without a key, so that the groups always sum up to the whole
 */
export function complianceRows(timeline: TimelineShape): ComplianceColumns[] {
  const { points, like_for_like: alike, group_by: groupBy } = timeline;
  if (groupBy === null) return points.map((point, index) => rowOf(point, { alike: alike[index]?.score ?? null }));
  const all = timeline.groups_omitted === 0 ? timeline.groups : [...timeline.groups, othersOf(timeline)];
  return all.flatMap((group) => group.points.map((point) => rowOf(point, { groupBy, group })));
}

function othersOf({ points, groups, groups_omitted: omitted }: TimelineShape): Series {
  const shown = groups.map((group) => group.points);
  return {
    key: '',
    name: `${omitted} others`,
    points: points.map((whole, index) =>
      differenceOf(
        whole,
        shown.flatMap((one) => one[index] ?? []),
      ),
    ),
  };
}

interface OfRow {
  groupBy?: ComplianceColumns['group_by'];
  group?: Series;
  alike?: number | null;
}

function rowOf(point: TimelinePoint, { groupBy = null, group, alike = null }: OfRow): ComplianceColumns {
  const { eligible, evaluated, pass, fail, waived, error, skipped, unknown } = point.counts;
  return {
    at: point.at,
    group_by: groupBy,
    key: group?.key ?? '',
    name: group?.name ?? '',
    score: point.score,
    coverage: point.coverage,
    like_for_like: alike,
    eligible,
    evaluated,
    pass,
    fail,
    waived,
    error,
    skipped,
    unknown,
  };
}
