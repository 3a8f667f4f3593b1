import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, type Page, pageOfRows, type Scope } from '#kernel';
import type { AuditEntryShape, ListAuditLog } from '#contracts';
import { Conditions, Database } from '#platform';
import type { AuditLine } from './audit-chain.rules.js';

type AuditRow = AuditLine & { hash: Buffer };

/** The audit log as people read it: who did what, when, and what it was before. */
@Injectable()
export class AuditLogReadModel {
  constructor(private readonly database: Database) {}

  /** @returns entries, the latest first */
  async list(scope: Scope, query: ListAuditLog): Promise<Page<AuditEntryShape>> {
    const where = new Conditions(scope.orgId);
    if (query.action !== undefined) where.add('action = ?', query.action);
    if (query.subject !== undefined) where.add('subject = ?', query.subject);
    if (query.actor !== undefined) where.add(`actor ->> 'id' = ?`, query.actor);
    if (query.from !== undefined) where.add('at >= ?', query.from);
    if (query.to !== undefined) where.add('at < ?', query.to);
    if (query.cursor !== undefined) where.add('seq < ?', ...decodeCursor(query.cursor, '-seq', ['integer']));
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<AuditRow>(
        `select seq, at, actor, action, subject, before, after, request_id, hash from app.audit_log
         where org_id = $1${where.sql} order by seq desc limit ${query.limit + 1}`,
        where.parameters,
      );
      return pageOfRows(rows, query.limit, (row) => encodeCursor('-seq', [row.seq]), shapeOf);
    });
  }
}

function shapeOf({ at, hash, ...row }: AuditRow): AuditEntryShape {
  const { seq, actor, action, subject, before, after, request_id } = row;
  return { seq, at: at.toISOString(), actor, action, subject, before, after, request_id, hash: hash.toString('hex') };
}
