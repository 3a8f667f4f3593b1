import type { ComplianceCounts, TimelinePoint } from '#contracts';
import { severityOfRank } from '#kernel';

export type Counted = Pick<ComplianceCounts, 'pass' | 'fail' | 'waived' | 'error' | 'skipped' | 'unknown'>;

/** How the counts of one series move at one moment. */
export interface CountMove extends Counted {
  /** Of the series. */
  key: string;
  name: string;
  /** Index of the first moment at which it is seen. */
  step: number;
  /** Of checks in clusters that were counted both at the first moment and at the last. */
  alike: boolean;
}

export interface Series {
  key: string;
  name: string;
  points: TimelinePoint[];
}

const NOTHING: Counted = { pass: 0, fail: 0, waived: 0, error: 0, skipped: 0, unknown: 0 };
const COUNTED = Object.keys(NOTHING) as (keyof Counted)[];
/** Of all series together: an answer that a screen can draw. */
const GROUP_POINTS_MAX = 20_000;

/**
 * @param steps the moments, in order
 * @param moves of any series, in any order
 * @returns the counts at each moment, with score and coverage
 */
export function pointsOf(steps: readonly Date[], moves: readonly CountMove[]): TimelinePoint[] {
  return pointsAt(
    steps.map((step) => step.toISOString()),
    moves,
  );
}

/** @param times of the moments, in order */
function pointsAt(times: readonly string[], moves: readonly CountMove[]): TimelinePoint[] {
  const bySteps: (Counted | undefined)[] = times.map(() => undefined);
  for (const move of moves) addTo((bySteps[move.step] ??= { ...NOTHING }), move);
  const current = { ...NOTHING };
  return times.map((at, index) => {
    const moved = bySteps[index];
    if (moved !== undefined) addTo(current, moved);
    return pointOf(at, current);
  });
}

function addTo(sum: Counted, counted: Counted): void {
  for (const name of COUNTED) sum[name] += counted[name];
}

/**
 * @returns the series by the number of checks that they have at the end, at most as many as an answer may hold, and how many
 *   were left out
 */
export function seriesOf(steps: readonly Date[], moves: readonly CountMove[]): { groups: Series[]; omitted: number } {
  const byKey = new Map<string, CountMove[]>();
  for (const move of moves) {
    const own = byKey.get(move.key);
    if (own === undefined) byKey.set(move.key, [move]);
    else own.push(move);
  }
  const times = steps.map((step) => step.toISOString());
  const groups = [...byKey].map(([key, own]) => ({ key, name: own[0]?.name ?? key, points: pointsAt(times, own) }));
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
  moves: readonly CountMove[],
): { at: string; score: number | null }[] {
  const points = pointsOf(
    steps,
    moves.filter(({ alike }) => alike),
  );
  return points.map(({ at, score }) => ({ at, score }));
}

/** @returns a point without what others of the same moment count, its score and coverage of what is left */
export function differenceOf(whole: TimelinePoint, parts: readonly TimelinePoint[]): TimelinePoint {
  const left: Counted = { ...NOTHING };
  for (const name of COUNTED) left[name] = parts.reduce((rest, { counts }) => rest - counts[name], whole.counts[name]);
  return pointOf(whole.at, left);
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
    counts: { ...counted, evaluated, eligible },
  };
}
