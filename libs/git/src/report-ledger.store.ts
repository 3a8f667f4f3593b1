import type { Tx } from '#platform';
import type { ReportProgress } from './git-provider.js';
import type { EndedCheck } from './report-text.rules.js';

/** Longer than any one call to a provider takes. */
const LEASE_MS = 30_000;

/** A result that is to be written back, in the hands of this worker. */
export interface DueReport extends Omit<EndedCheck, 'link'> {
  /** UUID */
  checkId: string;
  /** UUID */
  sourceId: string;
  ref: string;
  pullRequest: number | null;
  commit: string;
  progress: ReportProgress;
  failures: number;
  /** What was asked for the same ref after it. */
  newer: 'same commit' | 'other commit' | null;
}

/** @returns the result that has waited longest, and is due; undefined where there is none */
export async function takeReport(tx: Tx): Promise<DueReport | undefined> {
  const [row] = await tx.query<DueReport>(
    `with next as materialized (
       select n.check_id from app.git_check n where n.org_id = $1 and n.report_state = 'waiting' and n.report_at <= $2
       order by n.report_at limit 1 for update skip locked)
     update app.git_check c set report_at = $3 from next where c.org_id = $1 and c.check_id = next.check_id
     returning c.check_id as "checkId", c.source_id as "sourceId", c.ref, c.pull_request as "pullRequest", c.commit_sha as commit,
       c.status, c.decision, c.summary, c.violations, c.error, c.report_progress as progress, c.report_failures as failures,
       (select case when o.commit_sha = c.commit_sha then 'same commit' else 'other commit' end from app.git_check o
        where o.org_id = c.org_id and o.source_id = c.source_id and o.ref = c.ref and o.status <> 'superseded'
          and (o.requested_at, o.check_id) > (c.requested_at, c.check_id) order by o.requested_at desc, o.check_id desc limit 1) as newer`,
    [tx.scope.orgId, tx.now, leaseFrom(tx.now)],
  );
  return row;
}

/** Keeps what was written so far, and the result in the same hands. */
export async function keepProgress(tx: Tx, checkId: string, progress: ReportProgress): Promise<void> {
  await tx.query('update app.git_check set report_progress = $3, report_at = $4 where org_id = $1 and check_id = $2', [
    tx.scope.orgId,
    checkId,
    JSON.stringify(progress),
    leaseFrom(tx.now),
  ]);
}

/** Notes how it ended. */
export async function noteReport(tx: Tx, checkId: string, state: 'sent' | 'failed', detail: string): Promise<void> {
  await tx.query(
    'update app.git_check set report_state = $3, report_detail = $4, report_at = null where org_id = $1 and check_id = $2',
    [tx.scope.orgId, checkId, state, detail],
  );
}

/** Lets it wait after a try that failed. @param afterMs how long */
export async function postponeReport(tx: Tx, checkId: string, afterMs: number, detail: string): Promise<void> {
  await tx.query(
    `update app.git_check set report_failures = report_failures + 1, report_detail = $3, report_at = $4
     where org_id = $1 and check_id = $2`,
    [tx.scope.orgId, checkId, detail, new Date(tx.now.getTime() + afterMs)],
  );
}

function leaseFrom(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}
