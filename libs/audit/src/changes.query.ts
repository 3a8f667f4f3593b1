import type { Tx } from '#platform';

/** Who changed what, in one line. */
export interface ChangeLine {
  at: Date;
  action: string;
  /** Public id of what was changed. */
  subject: string;
  /** What it was called. */
  name: string | null;
}

/**
 * Changes of some kinds of things between two moments, the latest first.
 * @param kinds first parts of actions, as `binding` of `binding.update`
 * @param from the first moment
 * @param to the last one
 * @param limit how many at most
 */
export async function loadChanges(
  tx: Tx,
  kinds: readonly string[],
  from: Date,
  to: Date,
  limit: number,
): Promise<ChangeLine[]> {
  return tx.query<ChangeLine>(
    `select at, action, subject, coalesce(after ->> 'name', before ->> 'name', after ->> 'slug', before ->> 'slug') as name
     from unnest($2::text[]) k join app.audit_log l on l.action >= k || '.' and l.action < k || '/'
     where l.org_id = $1 and l.at >= $3 and l.at <= $4 order by l.seq desc limit $5`,
    [tx.scope.orgId, kinds, from, to, limit],
  );
}
