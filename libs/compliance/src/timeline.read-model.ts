import { Injectable } from '@nestjs/common';
import { publicId, requirePast, requirePublicId, type Scope } from '#kernel';
import { loadChanges } from '#audit';
import {
  MARKER_KINDS,
  type TimelineGroup,
  type TimelineMarker,
  type TimelineQuery,
  type TimelineShape,
} from '#contracts';
import { Database, type Tx } from '#platform';
import { type Disconnection, loadDisconnections } from './connections.query.js';
import type { CountsFilter } from './counts.query.js';
import { resolvePolicy } from './policy-filter.query.js';
import { stepsOf } from './steps.rules.js';
import { loadMoves } from './timeline.query.js';
import { likeForLike, pointsOf, type Series, seriesOf, severityName } from './timeline.rules.js';

const DEFAULT_RANGE_MS = 30 * 86_400_000;
const MARKERS_MAX = 500;
const GAPS_MAX = 500;

/** How compliance moved, from the steps of its counts (P3). */
@Injectable()
export class TimelineReadModel {
  constructor(private readonly database: Database) {}

  /**
   * @param scope who asks
   * @param query range, steps, series and filters
   * @throws AppError `not_found`, `invalid_filter`
   */
  async get(scope: Scope, query: TimelineQuery): Promise<TimelineShape> {
    return this.database.run(scope, async (tx) => {
      const to = query.to === undefined ? tx.now : requirePast('to', query.to, tx.now);
      const from = query.from === undefined ? new Date(to.getTime() - DEFAULT_RANGE_MS) : new Date(query.from);
      const steps = stepsOf(from, to, query.step, query.time_zone);
      const filter = await filterOf(tx, query);
      const gaps = await loadDisconnections(tx, filter.clusterId, from, to);
      const moves = await loadMoves(tx, filter, query.group_by, steps, gaps);
      const { groups, omitted } = query.group_by === undefined ? { groups: [], omitted: 0 } : seriesOf(steps, moves);
      return {
        from: from.toISOString(),
        to: to.toISOString(),
        step: query.step,
        time_zone: query.time_zone,
        group_by: query.group_by ?? null,
        points: pointsOf(steps, moves),
        groups: groups.map((series) => shapeOf(series, query.group_by)),
        groups_omitted: omitted,
        like_for_like: likeForLike(steps, moves),
        gaps: gaps.slice(0, GAPS_MAX).map(gapShape),
        markers: await loadMarkers(tx, from, to),
      };
    });
  }
}

async function filterOf(tx: Tx, query: TimelineQuery): Promise<CountsFilter> {
  return {
    clusterId: query.cluster_id === undefined ? null : requirePublicId('cluster', query.cluster_id),
    policyId: query.policy === undefined ? null : await resolvePolicy(tx, query.policy),
    namespace: query.namespace ?? null,
  };
}

function shapeOf({ key, name, points }: Series, group: TimelineGroup | undefined): Series {
  switch (group) {
    case 'cluster':
      return { key: publicId('cluster', key), name, points };
    case 'policy':
      return { key: publicId('policy', key), name, points };
    case 'severity':
      return { key: severityName(key), name: severityName(key), points };
    default:
      return { key, name, points };
  }
}

function gapShape({ clusterId, name, from, to }: Disconnection): TimelineShape['gaps'][number] {
  return {
    cluster: { id: publicId('cluster', clusterId), name },
    from: from.toISOString(),
    to: to?.toISOString() ?? null,
  };
}

/** What may have moved the line: who changed which rule. */
async function loadMarkers(tx: Tx, from: Date, to: Date): Promise<TimelineMarker[]> {
  const changes = await loadChanges(tx, MARKER_KINDS, from, to, MARKERS_MAX);
  return changes.flatMap(({ at, action, subject, name }) => {
    const kind = MARKER_KINDS.find((one) => action.startsWith(`${one}.`));
    return kind === undefined ? [] : [{ at: at.toISOString(), kind, action, id: subject, name }];
  });
}
