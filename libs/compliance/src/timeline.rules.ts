import type { TimelinePoint } from '#contracts';
import { severityOfRank } from '#kernel';
import { COUNTED, type Counted, type SeriesMoves } from './series-moves.rules.js';

export interface Series {
  key: string;
  name: string;
  points: TimelinePoint[];
}

/** Of all series together: an answer that a screen can draw. */
const GROUP_POINTS_MAX = 20_000;

/**
 * @param steps the moments, in order
 * @param moves of the series
 * @returns the counts of all of them together at each moment, with score and coverage
 */
export function pointsOf(steps: readonly Date[], moves: readonly SeriesMoves[]): TimelinePoint[] {
  return pointsAt(timesOf(steps), moves, 'all');
}

/**
 * @returns the series by the number of checks that they have at the end, at most as many as an answer may hold, and how many
 *   were left out
 */
export function seriesOf(steps: readonly Date[], moves: readonly SeriesMoves[]): { groups: Series[]; omitted: number } {
  const times = timesOf(steps);
  const groups = moves.map((own) => ({ key: own.key, name: own.name, points: pointsAt(times, [own], 'all') }));
  groups.sort((a, b) => eligibleAtEnd(b) - eligibleAtEnd(a) || (a.key < b.key ? -1 : 1));
  const shown = Math.max(10, Math.floor(GROUP_POINTS_MAX / steps.length));
  return { groups: groups.slice(0, shown), omitted: Math.max(0, groups.length - shown) };
}

/**
 * The score of what was counted both at the beginning and at the end: what came and went in between does not move it.
 * @returns one score a moment
 */
export function likeForLike(
  steps: readonly Date[],
  moves: readonly SeriesMoves[],
): { at: string; score: number | null }[] {
  return pointsAt(timesOf(steps), moves, 'alike').map(({ at, score }) => ({ at, score }));
}

function timesOf(steps: readonly Date[]): string[] {
  return steps.map((step) => step.toISOString());
}

/** @param times of the moments, in order */
function pointsAt(times: readonly string[], moves: readonly SeriesMoves[], which: 'all' | 'alike'): TimelinePoint[] {
  const sums = new Float64Array(times.length * COUNTED.length);
  for (const own of moves) own.addTo(sums, which);
  return times.map((at, index) => {
    const first = index * COUNTED.length;
    const [pass, fail, waived] = [sums[first] ?? 0, sums[first + 1] ?? 0, sums[first + 2] ?? 0];
    const [error, skipped, unknown] = [sums[first + 3] ?? 0, sums[first + 4] ?? 0, sums[first + 5] ?? 0];
    return pointOf(at, { pass, fail, waived, error, skipped, unknown });
  });
}

/** @returns a point without what others of the same moment count, its score and coverage of what is left */
export function differenceOf(whole: TimelinePoint, parts: readonly TimelinePoint[]): TimelinePoint {
  const left = COUNTED.map((name) => [
    name,
    parts.reduce((rest, { counts }) => rest - counts[name], whole.counts[name]),
  ]);
  return pointOf(whole.at, Object.fromEntries(left) as Counted);
}

/** @returns the name of a severity's series: its key is a rank */
export function severityName(key: string): string {
  return severityOfRank(Number(key));
}

function eligibleAtEnd({ points }: Series): number {
  return points.at(-1)?.counts.eligible ?? 0;
}

function pointOf(at: string, counted: Counted): TimelinePoint {
  const evaluated = counted.pass + counted.fail + counted.waived;
  const eligible = evaluated + counted.error + counted.skipped + counted.unknown;
  return {
    at,
    score: counted.pass + counted.fail === 0 ? null : counted.pass / (counted.pass + counted.fail),
    coverage: eligible === 0 ? null : evaluated / eligible,
    counts: {
      pass: counted.pass,
      fail: counted.fail,
      waived: counted.waived,
      error: counted.error,
      skipped: counted.skipped,
      unknown: counted.unknown,
      evaluated,
      eligible,
    },
  };
}
