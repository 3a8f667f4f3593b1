import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  type Page,
  pageOfRows,
  publicId,
  requirePublicId,
  type Scope,
} from '#kernel';
import type { GitCheckDetail, GitCheckShape, ListGitChecks, RequestGitCheck } from '#contracts';
import { Conditions, Database, type Tx } from '#platform';
import { shownCheck } from './git-check-ledger.store.js';
import { shareSource } from './git-sources.store.js';
import { GitWishes, holdRefs } from './git-wishes.store.js';

interface CheckRow extends Pick<
  GitCheckShape,
  'ref' | 'pull_request' | 'cause' | 'actor' | 'status' | 'attempt' | 'decision' | 'summary' | 'error'
> {
  check_id: string;
  source_id: string;
  commit_sha: string | null;
  base_sha: string | null;
  requested_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  validations: string[];
  report_state: GitCheckShape['report']['state'];
  report_detail: string | null;
}

const COLUMNS = `check_id, source_id, ref, pull_request, commit_sha, base_sha, cause, actor, status, attempt, requested_at, started_at,
  finished_at, decision, summary, validations, error, report_state, report_detail`;

/** Checks of commits as screens and the API show them, and the wish for one. */
@Injectable()
export class GitChecksReadModel {
  constructor(
    private readonly database: Database,
    private readonly wishes: GitWishes,
  ) {}

  /**
   * Wants a ref checked as it is now, whether it was checked before or not.
   * @param sourceId UUID
   * @returns the check that will do it
   * @throws AppError `not_found`
   */
  async request(scope: Scope, sourceId: string, { ref, all = false }: RequestGitCheck): Promise<GitCheckShape> {
    const whole = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    return this.database.run(scope, async (tx) => {
      if ((await shareSource(tx, sourceId)) === undefined)
        throw new AppError('not_found', 'There is no git source with this id.');
      await holdRefs(tx, sourceId, [whole]);
      const common = { sourceId, ref: whole, pullRequest: null, commit: null, base: null, baseRef: null };
      const wish = { ...common, fetchRef: whole, forkUrl: null, everything: all, cause: 'manual' as const };
      const checkId = await this.wishes.want(tx, { ...wish, actor: scope.actor.name?.slice(0, 200) ?? null }, true);
      if (checkId === undefined) throw new Error('a check was neither made nor found');
      tx.audit({
        action: 'git-check.request',
        subject: shownCheck(checkId),
        after: { source: publicId('gitSource', sourceId), ref: whole, all },
      });
      return shapeOf(await load(tx, checkId, COLUMNS));
    });
  }

  /**
   * @param checkId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, checkId: string): Promise<GitCheckDetail> {
    return this.database.run(scope, async (tx) => {
      const row = await load<Pick<GitCheckDetail, 'violations'>>(tx, checkId, `${COLUMNS}, violations`);
      return { ...shapeOf(row), violations: row.violations };
    });
  }

  /** @returns checks, the latest request first */
  async list(scope: Scope, query: ListGitChecks): Promise<Page<GitCheckShape>> {
    const where = new Conditions(scope.orgId);
    if (query.source_id !== undefined) where.add('source_id = ?', requirePublicId('gitSource', query.source_id));
    if (query.ref !== undefined)
      where.add('ref = ?', query.ref.startsWith('refs/') ? query.ref : `refs/heads/${query.ref}`);
    if (query.status !== undefined) where.add('status = ?', query.status);
    if (query.cursor !== undefined)
      where.add('(requested_at, check_id) < (?, ?)', ...decodeCursor(query.cursor, '-requested_at', ['time', 'uuid']));
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<CheckRow>(
        `select ${COLUMNS} from app.git_check where org_id = $1${where.sql}
         order by requested_at desc, check_id desc limit ${query.limit + 1}`,
        where.parameters,
      );
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('-requested_at', [row.requested_at.toISOString(), row.check_id]),
        shapeOf,
      );
    });
  }
}

async function load<More>(tx: Tx, checkId: string, columns: string): Promise<CheckRow & More> {
  const [row] = await tx.query<CheckRow & More>(
    `select ${columns} from app.git_check where org_id = $1 and check_id = $2`,
    [tx.scope.orgId, checkId],
  );
  if (row === undefined) throw new AppError('not_found', 'There is no check of a commit with this id.');
  return row;
}

function shapeOf(row: CheckRow): GitCheckShape {
  return {
    id: shownCheck(row.check_id),
    source_id: publicId('gitSource', row.source_id),
    ref: row.ref,
    pull_request: row.pull_request,
    commit: row.commit_sha,
    base: row.base_sha,
    cause: row.cause,
    actor: row.actor,
    status: row.status,
    attempt: row.attempt,
    requested_at: row.requested_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
    decision: row.decision,
    summary: row.summary,
    validations: row.validations.map((id) => publicId('validation', id)),
    error: row.error,
    report: { state: row.report_state, detail: row.report_detail },
  };
}
