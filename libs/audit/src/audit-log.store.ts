import { chainHash, GENESIS, type AuditLine } from '#kernel';
import type { AuditEntry, DomainEvent, TransactionSink, Tx } from '#platform';

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Appends a transaction's audit entries; the head is locked last, since whoever holds it makes others wait (J1). */
export class AuditSink implements TransactionSink {
  async flush(tx: Tx, _events: readonly DomainEvent[], entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const orgId = tx.scope.orgId;
    const heads = await tx.query<{ seq: number; hash: Buffer }>(
      `insert into app.audit_head (org_id, seq, hash) values ($1, 0, $2)
       on conflict (org_id) do update set seq = audit_head.seq returning seq, hash`,
      [orgId, GENESIS],
    );
    let { seq, hash } = heads[0] ?? { seq: 0, hash: GENESIS };
    for (const entry of entries) {
      const line: AuditLine = { ...lineOf(tx, entry), seq: ++seq };
      const previous = hash;
      hash = chainHash(previous, line);
      await insertLine(tx, line, previous, hash);
    }
    await tx.query('update app.audit_head set seq = $2, hash = $3 where org_id = $1', [orgId, seq, hash]);
  }
}

function lineOf(tx: Tx, entry: AuditEntry): Omit<AuditLine, 'seq'> {
  const requestId = tx.scope.requestId;
  return {
    org_id: tx.scope.orgId,
    at: tx.now,
    actor: tx.scope.actor,
    action: entry.action,
    subject: entry.subject,
    before: entry.before ?? null,
    after: entry.after ?? null,
    request_id: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : null,
  };
}

async function insertLine(tx: Tx, line: AuditLine, previous: Buffer, hash: Buffer): Promise<void> {
  const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  await tx.query(
    `insert into app.audit_log (org_id, seq, at, actor, action, subject, before, after, request_id, prev_hash, hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      line.org_id,
      line.seq,
      line.at,
      json(line.actor),
      line.action,
      line.subject,
      json(line.before),
      json(line.after),
      line.request_id,
      previous,
      hash,
    ],
  );
}
