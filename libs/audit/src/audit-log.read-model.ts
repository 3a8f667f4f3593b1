import { Injectable } from '@nestjs/common';
import {
  type AuditLine,
  type Chunk,
  decodeCursor,
  encodeCursor,
  type Page,
  pageOfRows,
  publicId,
  type Scope,
} from '#kernel';
import type { AuditEntryShape, AuditLineShape, ExportAuditLog, ListAuditLog } from '#contracts';
import { Conditions, Database } from '#platform';

type AuditRow = AuditLine & { at: Date; hash: Buffer };

const LINE = 'org_id, seq, at, actor, action, subject, before, after, request_id';

/** The audit log as people read it: who did what, when, and what it was before. */
@Injectable()
export class AuditLogReadModel {
  constructor(private readonly database: Database) {}

  /** @returns entries, the latest first */
  async list(scope: Scope, query: ListAuditLog): Promise<Page<AuditEntryShape>> {
    const where = filtersOf(scope.orgId, query);
    if (query.cursor !== undefined) where.add('seq < ?', ...decodeCursor(query.cursor, '-seq', ['integer']));
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<AuditRow>(
        `select ${LINE}, hash from app.audit_log
         where org_id = $1${where.sql} order by seq desc limit ${query.limit + 1}`,
        where.parameters,
      );
      return pageOfRows(rows, query.limit, (row) => encodeCursor('-seq', [row.seq]), entryOf);
    });
  }

  /**
   * @param scope who asks
   * @param query filters; without any, the whole log
   * @param signal ends it
   * @returns entries with their place in the chain, the first first
   */
  export(scope: Scope, query: ExportAuditLog, signal: AbortSignal): AsyncIterable<Chunk<AuditLineShape>> {
    const where = filtersOf(scope.orgId, query);
    return this.database.stream(scope, signal, async function* (tx) {
      const rows = tx.chunks<AuditRow & { prev_hash: Buffer }>(
        `select ${LINE}, prev_hash, hash from app.audit_log where org_id = $1${where.sql} order by seq`,
        where.parameters,
      );
      for await (const chunk of rows) yield { at: tx.now, items: chunk.map(lineOf) };
    });
  }
}

function filtersOf(orgId: string, query: Omit<ExportAuditLog, 'bom'>): Conditions {
  const where = new Conditions(orgId);
  if (query.action !== undefined) where.add('action = ?', query.action);
  if (query.subject !== undefined) where.add('subject = ?', query.subject);
  if (query.actor !== undefined) where.add(`actor ->> 'id' = ?`, query.actor);
  if (query.from !== undefined) where.add('at >= ?', query.from);
  if (query.to !== undefined) where.add('at < ?', query.to);
  return where;
}

function entryOf({ seq, at, actor, action, subject, before, after, request_id, hash }: AuditRow): AuditEntryShape {
  return { seq, at: at.toISOString(), actor, action, subject, before, after, request_id, hash: hash.toString('hex') };
}

function lineOf({ prev_hash: previous, ...row }: AuditRow & { prev_hash: Buffer }): AuditLineShape {
  const { hash, ...entry } = entryOf(row);
  return { ...entry, organization: publicId('organization', row.org_id), prev_hash: previous.toString('hex'), hash };
}
