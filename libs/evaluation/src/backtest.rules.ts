import type { BacktestItem, PolicyBacktest } from '#contracts';
import type { Finding } from '#engine';
import { clusterRef, findingShapes, objectRef } from '#judging';
import { Foremost } from './foremost.js';
import type { Revision } from './impact-input.store.js';
import type { TriedCluster } from './impact-plan.read-model.js';
import type { TriedContent } from './impact-walk.js';

const DAY_MS = 86_400_000;

/** A violation that there would have been. */
interface Episode {
  instance: string;
  from: Date;
  to: Date | null;
  findings: readonly Finding[];
  content: TriedContent;
}

/** What a policy would have found in a time that is over. */
export class BacktestTally {
  private readonly counts = { pass: 0, fail: 0, error: 0, skipped: 0 };
  private readonly days: PolicyBacktest['days'];
  private readonly ends: number[];
  private readonly foremost: Foremost<BacktestItem>;
  private revisions = 0;

  constructor(
    private readonly from: Date,
    to: Date,
    limit: number,
  ) {
    this.ends = dayEnds(from, to);
    this.days = this.ends.map((at) => ({ at: new Date(at).toISOString(), failing: 0, passing: 0 }));
    this.foremost = new Foremost(limit, compareItems);
  }

  /** @param revisions of one object, the earliest first */
  add(cluster: TriedCluster, revisions: readonly (Revision & TriedContent)[]): void {
    this.revisions += revisions.length;
    for (const revision of revisions) this.count(revision);
    for (const episode of episodesOf(revisions)) {
      this.foremost.add({
        cluster: clusterRef(cluster),
        object: objectRef(episode.content.identity, episode.content.object),
        instance: episode.instance,
        from: new Date(Math.max(episode.from.getTime(), this.from.getTime())).toISOString(),
        to: episode.to?.toISOString() ?? null,
        findings: findingShapes(episode.findings),
      });
    }
  }

  /** @returns the answer, without what was tried */
  answer(): Pick<PolicyBacktest, 'revisions' | 'counts' | 'days' | 'items' | 'omitted'> {
    return { revisions: this.revisions, counts: this.counts, days: this.days, ...this.foremost.take() };
  }

  private count({ from, to, verdicts }: Revision & TriedContent): void {
    for (const { verdict } of verdicts) {
      if (verdict !== 'pass' && verdict !== 'fail' && verdict !== 'error' && verdict !== 'skipped') continue;
      this.counts[verdict]++;
      for (const [index, day] of this.days.entries()) {
        const end = this.ends[index] ?? 0;
        if (from.getTime() > end || (to !== null && to.getTime() <= end)) continue;
        day.failing += Number(verdict === 'fail');
        day.passing += Number(verdict === 'pass');
      }
    }
  }
}

/**
 * @param from a moment
 * @param to a later one
 * @returns the ends of the days in between, in UTC, the last of them `to` itself; milliseconds since 1970
 */
export function dayEnds(from: Date, to: Date): number[] {
  const first = (Math.floor(from.getTime() / DAY_MS) + 1) * DAY_MS;
  const ends: number[] = [];
  for (let end = first; end < to.getTime(); end += DAY_MS) ends.push(end);
  return [...ends, to.getTime()];
}

/**
 * Contents that fail one after the other, without a gap, are one violation.
 * @param revisions of one object, the earliest first
 */
export function episodesOf(revisions: readonly (Revision & TriedContent)[]): Episode[] {
  const episodes: Episode[] = [];
  const open = new Map<string, Episode>();
  for (const revision of revisions) {
    const failing = revision.verdicts.filter(({ verdict }) => verdict === 'fail');
    for (const { check, findings } of failing) {
      const { instance } = check;
      const before = open.get(instance);
      const content = { to: revision.to, findings, content: revision };
      if (before?.to?.getTime() === revision.from.getTime()) Object.assign(before, content);
      else {
        const episode: Episode = { instance, from: revision.from, ...content };
        open.set(instance, episode);
        episodes.push(episode);
      }
    }
  }
  return episodes;
}

function compareItems(a: BacktestItem, b: BacktestItem): number {
  const lasts = (item: BacktestItem): number => Number(item.to === null);
  return lasts(b) - lasts(a) || a.from.localeCompare(b.from, 'en') || a.object.name.localeCompare(b.object.name, 'en');
}
