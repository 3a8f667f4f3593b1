import type { AuditLineShape, AuditLogColumns } from '#contracts';

/** @returns a line of the log as a row of a table */
export function auditLogRow({ actor, before, after, ...line }: AuditLineShape): AuditLogColumns {
  return {
    seq: line.seq,
    at: line.at,
    actor_type: actor.type,
    actor_id: actor.id,
    actor_name: actor.name ?? null,
    action: line.action,
    subject: line.subject,
    before: jsonOrEmpty(before),
    after: jsonOrEmpty(after),
    request_id: line.request_id,
    organization: line.organization,
    prev_hash: line.prev_hash,
    hash: line.hash,
  };
}

function jsonOrEmpty(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
