import { SEVERITIES, severityOfRank, type Severity } from '#kernel';
import { CATEGORIES, type ComplianceShape, type Connection } from '#contracts';

/** The counts of one check in one cluster. */
export interface CheckCounts {
  clusterId: string;
  severity: number;
  category: string;
  pass: number;
  fail: number;
  waived: number;
  error: number;
  skipped: number;
}

export interface ClusterState {
  clusterId: string;
  connection: Connection;
  stateAsOf: Date | null;
  lastSeenAt: Date | null;
}

/** Objects of one cluster: under some check, with none failing, under no check at all. */
export interface ObjectCounts {
  clusterId: string;
  judged: number;
  failing: number;
  excluded: number;
}

/**
 * Sums counts into compliance: what a disconnected cluster last said is unknown, never compliant (V1), and the score is
 * null where nothing was evaluated.
 * @param now the platform's time
 */
export function complianceOf(
  now: Date,
  clusters: readonly ClusterState[],
  checks: readonly CheckCounts[],
  objects: readonly ObjectCounts[],
): ComplianceShape {
  const states = new Map(clusters.map((cluster) => [cluster.clusterId, cluster.connection]));
  const counts = { pass: 0, fail: 0, waived: 0, error: 0, skipped: 0, unknown: 0 };
  const bySeverity = new Map<Severity, { pass: number; fail: number }>(
    SEVERITIES.map((severity) => [severity, { pass: 0, fail: 0 }]),
  );
  const byCategory = new Map<string, { pass: number; fail: number }>(
    CATEGORIES.map((category) => [category, { pass: 0, fail: 0 }]),
  );
  for (const check of checks) {
    const connection = states.get(check.clusterId);
    // Removed a moment ago: its counts are about to be history.
    if (connection === undefined) continue;
    if (connection === 'disconnected') {
      counts.unknown += check.pass + check.fail + check.waived + check.error + check.skipped;
      continue;
    }
    for (const verdict of ['pass', 'fail', 'waived', 'error', 'skipped'] as const) counts[verdict] += check[verdict];
    tally(bySeverity, severityOfRank(check.severity), check);
    tally(byCategory, check.category, check);
  }
  const evaluated = counts.pass + counts.fail + counts.waived;
  const eligible = evaluated + counts.error + counts.skipped + counts.unknown;
  return {
    as_of: now.toISOString(),
    data_age_seconds: dataAge(now, clusters),
    unknown_since: unknownSince(clusters),
    score: counts.pass + counts.fail === 0 ? null : counts.pass / (counts.pass + counts.fail),
    coverage: eligible === 0 ? null : evaluated / eligible,
    counts: { ...counts, evaluated, eligible },
    by_severity: Object.fromEntries(bySeverity) as ComplianceShape['by_severity'],
    by_category: Object.fromEntries(byCategory) as ComplianceShape['by_category'],
    objects: objectTotals(states, objects),
    clusters: clusterTotals(clusters),
  };
}

function tally<Key>(totals: Map<Key, { pass: number; fail: number }>, key: Key, check: CheckCounts): void {
  const total = totals.get(key) ?? { pass: 0, fail: 0 };
  totals.set(key, { pass: total.pass + check.pass, fail: total.fail + check.fail });
}

function unknownSince(clusters: readonly ClusterState[]): string | null {
  const since = clusters.flatMap(({ connection, lastSeenAt }) =>
    connection === 'disconnected' && lastSeenAt !== null ? [lastSeenAt.getTime()] : [],
  );
  return since.length === 0 ? null : new Date(Math.min(...since)).toISOString();
}

/** Seconds since the oldest state that was counted. */
function dataAge(now: Date, clusters: readonly ClusterState[]): number | null {
  const ages = clusters.flatMap(({ connection, stateAsOf }) =>
    stateAsOf === null || connection === 'disconnected' ? [] : [(now.getTime() - stateAsOf.getTime()) / 1_000],
  );
  return ages.length === 0 ? null : Math.max(0, ...ages);
}

function objectTotals(
  states: ReadonlyMap<string, Connection>,
  objects: readonly ObjectCounts[],
): ComplianceShape['objects'] {
  const totals = { total: 0, compliant: 0, excluded: 0 };
  for (const { clusterId, judged, failing, excluded } of objects) {
    const connection = states.get(clusterId);
    if (connection === undefined) continue;
    totals.total += judged;
    totals.excluded += excluded;
    if (connection !== 'disconnected') totals.compliant += judged - failing;
  }
  return totals;
}

function clusterTotals(clusters: readonly ClusterState[]): ComplianceShape['clusters'] {
  const totals = { total: clusters.length, connected: 0, stale: 0, disconnected: 0, pending: 0 };
  for (const { connection } of clusters) totals[connection]++;
  return totals;
}
