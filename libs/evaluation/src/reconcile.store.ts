import { severityRank, uuidV7, type JsonObject } from '#kernel';
import type { Tx } from '#platform';
import type { CountChange, ObjectCountChange, ViolationChange, ViolationHead } from './reconcile.rules.js';
import { COUNTED } from './verdict-bytes.rules.js';

/** A violation's change with the object it is about. */
export interface ObjectViolationChange {
  objectId: string;
  clusterId: string;
  fingerprint: (checkId: number) => Buffer;
  change: ViolationChange;
}

/** How an object was judged, to be kept until something that it depends on changes. */
export interface EvaluationRow {
  objectId: string;
  sliceDigest: Buffer;
  checkIds: number[];
  checkDigests: Buffer[];
  memo: Buffer;
  verdicts: Buffer;
  bodyHash: Buffer;
  engine: string;
}

/** @returns the violations of these objects, by object */
export async function loadViolations(tx: Tx, objectIds: readonly string[]): Promise<Map<string, ViolationHead[]>> {
  const rows = await tx.query<{
    object_id: string;
    violation_id: string;
    check_id: number;
    policy_version: number;
    findings_digest: Buffer;
    severity: number;
    since: Date;
    resolved_at: Date | null;
  }>(
    `select object_id, violation_id, check_id, policy_version, findings_digest, severity, since, resolved_at
     from app.violation where org_id = $1 and object_id = any($2::uuid[])`,
    [tx.scope.orgId, objectIds],
  );
  const byObject = new Map<string, ViolationHead[]>();
  for (const row of rows) {
    const heads = byObject.get(row.object_id) ?? [];
    byObject.set(row.object_id, heads);
    heads.push({
      violationId: row.violation_id,
      checkId: row.check_id,
      policyVersion: row.policy_version,
      findingsDigest: row.findings_digest,
      severity: row.severity,
      since: row.since,
      resolvedAt: row.resolved_at,
    });
  }
  return byObject;
}

/** Keeps how objects were judged; slices that are new are kept with them. */
export async function writeEvaluations(tx: Tx, rows: readonly EvaluationRow[], at: Date): Promise<void> {
  if (rows.length === 0) return;
  const orgId = tx.scope.orgId;
  const slices = new Map(rows.map((row) => [row.sliceDigest.toString('hex'), row]));
  for (const { sliceDigest, checkIds, checkDigests } of slices.values()) {
    await tx.query(
      `insert into app.check_slice (org_id, slice_digest, check_ids, check_digests) values ($1, $2, $3::int[], $4::bytea[])
       on conflict (org_id, slice_digest) do nothing`,
      [orgId, sliceDigest, checkIds, checkDigests],
    );
  }
  await tx.query(
    `insert into app.object_evaluation (org_id, object_id, slice_digest, memo, verdicts, body_hash, engine, evaluated_at)
     select $1, r.object_id, r.slice_digest, r.memo, r.verdicts, r.body_hash, r.engine, $2
     from unnest($3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[])
       as r (object_id, slice_digest, memo, verdicts, body_hash, engine)
     on conflict (org_id, object_id) do update set slice_digest = excluded.slice_digest, memo = excluded.memo, verdicts = excluded.verdicts,
       body_hash = excluded.body_hash, engine = excluded.engine, evaluated_at = excluded.evaluated_at`,
    [
      orgId,
      at,
      rows.map((row) => row.objectId),
      rows.map((row) => row.sliceDigest),
      rows.map((row) => row.memo),
      rows.map((row) => row.verdicts),
      rows.map((row) => row.bodyHash),
      rows.map((row) => row.engine),
    ],
  );
}

/** Forgets how objects were judged that are gone. */
export async function dropEvaluations(tx: Tx, objectIds: readonly string[]): Promise<void> {
  if (objectIds.length === 0) return;
  await tx.query('delete from app.object_evaluation where org_id = $1 and object_id = any($2::uuid[])', [
    tx.scope.orgId,
    objectIds,
  ]);
}

/**
 * Moves counts, and closes the step that ends here (P3): a row of history when a number changes, none else. By how much they
 * moved is noted for looks at all clusters.
 * @param at the cluster's tick
 * @param changes by namespace
 */
export async function writeCounts(
  tx: Tx,
  clusterId: string,
  at: Date,
  changes: ReadonlyMap<string, readonly CountChange[]>,
): Promise<void> {
  const deltas = sumDeltas(changes);
  if (deltas.length === 0) return;
  const columns = COUNTED.map((verdict) => deltas.map((delta) => delta.counts[verdict]));
  await tx.query(
    `with delta as (
       select * from unnest($4::text[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[])
         as d (namespace, check_id, pass, fail, waived, error, skipped)),
     old as (
       select h.* from app.compliance_head h join delta d on d.namespace = h.namespace and d.check_id = h.check_id
       where h.org_id = $1 and h.cluster_id = $2),
     span as (
       insert into hist.compliance_span (org_id, cluster_id, namespace, check_id, valid_from, valid_to, pass, fail, waived, error, skipped)
       select org_id, cluster_id, namespace, check_id, since, $3, pass, fail, waived, error, skipped from old where since < $3),
     moved as (
       insert into app.compliance_change (org_id, at, cluster_id, check_id, pass, fail, waived, error, skipped)
       select $1, $3, $2, check_id, sum(pass), sum(fail), sum(waived), sum(error), sum(skipped) from delta group by check_id
       having (sum(pass), sum(fail), sum(waived), sum(error), sum(skipped)) <> (0, 0, 0, 0, 0))
     insert into app.compliance_head (org_id, cluster_id, namespace, check_id, since, pass, fail, waived, error, skipped)
     select $1, $2, d.namespace, d.check_id, $3, d.pass + coalesce(o.pass, 0), d.fail + coalesce(o.fail, 0), d.waived + coalesce(o.waived, 0),
       d.error + coalesce(o.error, 0), d.skipped + coalesce(o.skipped, 0)
     from delta d left join old o on o.namespace = d.namespace and o.check_id = d.check_id order by d.namespace, d.check_id
     on conflict (org_id, cluster_id, namespace, check_id) do update set since = excluded.since, pass = excluded.pass, fail = excluded.fail,
       waived = excluded.waived, error = excluded.error, skipped = excluded.skipped`,
    [
      tx.scope.orgId,
      clusterId,
      at,
      deltas.map((delta) => delta.namespace),
      deltas.map((delta) => delta.checkId),
      ...columns,
    ],
  );
}

/**
 * Moves how many objects are judged, failing and excluded, and notes by how much (P3).
 * @param at the cluster's tick
 * @param changes summed by namespace
 */
export async function writeObjectCounts(
  tx: Tx,
  clusterId: string,
  at: Date,
  changes: ReadonlyMap<string, ObjectCountChange>,
): Promise<void> {
  const moved = [...changes].filter(
    ([, { judged, failing, excluded }]) => judged !== 0 || failing !== 0 || excluded !== 0,
  );
  if (moved.length === 0) return;
  await tx.query(
    `with delta as (select * from unnest($4::text[], $5::int[], $6::int[], $7::int[]) as d (namespace, judged, failing, excluded)),
     old as (select h.* from app.object_count_head h join delta d on d.namespace = h.namespace where h.org_id = $1 and h.cluster_id = $2),
     moved as (
       insert into app.object_count_change (org_id, at, cluster_id, namespace, judged, failing, excluded)
       select $1, $3, $2, namespace, judged, failing, excluded from delta)
     insert into app.object_count_head (org_id, cluster_id, namespace, since, judged, failing, excluded)
     select $1, $2, d.namespace, $3, d.judged + coalesce(o.judged, 0), d.failing + coalesce(o.failing, 0), d.excluded + coalesce(o.excluded, 0)
     from delta d left join old o on o.namespace = d.namespace
     on conflict (org_id, cluster_id, namespace) do update set since = excluded.since, judged = excluded.judged,
       failing = excluded.failing, excluded = excluded.excluded`,
    [
      tx.scope.orgId,
      clusterId,
      at,
      moved.map(([namespace]) => namespace),
      moved.map(([, change]) => change.judged),
      moved.map(([, change]) => change.failing),
      moved.map(([, change]) => change.excluded),
    ],
  );
}

/** Writes what became of violations; every interval that ends is history from here on (P1). */
export async function writeViolations(
  tx: Tx,
  at: Date,
  changes: readonly ObjectViolationChange[],
): Promise<{ opened: string[]; resolved: string[] }> {
  const ended = changes.flatMap(({ change }) =>
    change.kind === 'change' || change.kind === 'resolve' ? [change] : [],
  );
  await closeSpans(tx, at, ended);
  const failing = changes.filter(({ change }) => change.kind !== 'resolve');
  const opened = await writeFailing(tx, at, failing);
  const resolved = changes.flatMap(({ change }) => (change.kind === 'resolve' ? [change] : []));
  if (resolved.length === 0) return { opened, resolved: [] };
  await tx.query(
    `update app.violation v set resolved_at = $2, since = $2, resolution = r.resolution, findings = '[]', findings_digest = ''
     from unnest($3::uuid[], $4::text[]) as r (violation_id, resolution) where v.org_id = $1 and v.violation_id = r.violation_id`,
    [
      tx.scope.orgId,
      at,
      resolved.map((change) => change.head.violationId),
      resolved.map((change) => change.resolution),
    ],
  );
  return { opened, resolved: resolved.map((change) => change.head.violationId) };
}

async function closeSpans(
  tx: Tx,
  at: Date,
  ended: readonly Extract<ViolationChange, { kind: 'change' | 'resolve' }>[],
): Promise<void> {
  if (ended.length === 0) return;
  await tx.query(
    `insert into hist.violation_span (org_id, violation_id, cluster_id, object_id, check_id, valid_from, valid_to, disposition, resolution,
       policy_version, findings, waiver_id, opened_at, severity, intervals)
     select v.org_id, v.violation_id, v.cluster_id, v.object_id, v.check_id, v.since, $2, v.disposition, e.resolution, v.policy_version, v.findings, v.waiver_id,
       v.opened_at, v.severity, v.intervals
     from app.violation v join unnest($3::uuid[], $4::text[]) as e (violation_id, resolution) on e.violation_id = v.violation_id
     where v.org_id = $1 and v.since < $2`,
    [
      tx.scope.orgId,
      at,
      ended.map((change) => change.head.violationId),
      ended.map((change) => (change.kind === 'resolve' ? change.resolution : null)),
    ],
  );
}

/** @returns the ids of those that were not open before */
async function writeFailing(tx: Tx, at: Date, changes: readonly ObjectViolationChange[]): Promise<string[]> {
  const rows = changes.flatMap(({ objectId, clusterId, fingerprint, change }) =>
    change.kind === 'resolve' ? [] : [{ objectId, clusterId, fingerprint: fingerprint(change.pair.checkId), change }],
  );
  if (rows.length === 0) return [];
  const written = await tx.query<{ violation_id: string; opened: boolean }>(
    `insert into app.violation (org_id, violation_id, cluster_id, object_id, check_id, disposition, fingerprint, policy_version, findings,
       findings_digest, severity, opened_at, since)
     select $1, r.violation_id, r.cluster_id, r.object_id, r.check_id, 'failing', r.fingerprint, r.policy_version, r.findings, r.digest, r.severity, $2, $2
     from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::bytea[], $8::int[], $9::jsonb[], $10::bytea[], $11::smallint[])
       as r (violation_id, cluster_id, object_id, check_id, fingerprint, policy_version, findings, digest, severity)
     on conflict (org_id, object_id, check_id) do update set policy_version = excluded.policy_version, findings = excluded.findings,
       findings_digest = excluded.findings_digest, severity = excluded.severity, since = $2, disposition = 'failing',
       opened_at = case when violation.resolved_at is null then violation.opened_at else $2 end,
       intervals = violation.intervals + case when violation.resolved_at is null then 0 else 1 end,
       resolved_at = null, resolution = null
     returning violation_id, opened_at = $2 as opened`,
    [
      tx.scope.orgId,
      at,
      // Of no account where the violation is there already: it keeps the id it was opened with.
      rows.map(() => uuidV7(at.getTime())),
      rows.map((row) => row.clusterId),
      rows.map((row) => row.objectId),
      rows.map((row) => row.change.pair.checkId),
      rows.map((row) => row.fingerprint),
      rows.map((row) => row.change.pair.policyVersion),
      rows.map((row) => JSON.stringify(row.change.pair.findings as unknown as JsonObject[])),
      rows.map((row) => row.change.digest),
      rows.map((row) => severityRank(row.change.pair.severity)),
    ],
  );
  return written.flatMap((row) => (row.opened ? [row.violation_id] : []));
}

interface Delta {
  namespace: string;
  checkId: number;
  counts: Record<(typeof COUNTED)[number], number>;
}

function sumDeltas(changes: ReadonlyMap<string, readonly CountChange[]>): Delta[] {
  const deltas = new Map<string, Delta>();
  for (const [namespace, list] of changes) {
    for (const { checkId, verdict, by } of list) {
      const key = `${checkId}/${namespace}`;
      const delta = deltas.get(key) ?? {
        namespace,
        checkId,
        counts: { pass: 0, fail: 0, waived: 0, error: 0, skipped: 0 },
      };
      delta.counts[verdict] += by;
      deltas.set(key, delta);
    }
  }
  return [...deltas.values()].filter(({ counts }) => COUNTED.some((verdict) => counts[verdict] !== 0));
}
