import type { Tx } from '#platform';

/**
 * Notes what a branch or a pull request points at; null: it is gone.
 * @returns whether it was something else before
 */
export async function noteHead(tx: Tx, sourceId: string, ref: string, commit: string | null): Promise<boolean> {
  const { orgId } = tx.scope;
  if (commit === null) {
    const gone = await tx.query(
      'delete from app.git_head where org_id = $1 and source_id = $2 and ref = $3 returning 1',
      [orgId, sourceId, ref],
    );
    return gone.length > 0;
  }
  const moved = await tx.query(
    `insert into app.git_head as h (org_id, source_id, ref, commit_sha) values ($1, $2, $3, $4)
     on conflict (org_id, source_id, ref) do update set commit_sha = excluded.commit_sha
     where h.commit_sha <> excluded.commit_sha returning 1`,
    [orgId, sourceId, ref, commit],
  );
  return moved.length > 0;
}

/** Notes many at once. */
export async function noteHeads(tx: Tx, sourceId: string, heads: ReadonlyMap<string, string>): Promise<void> {
  await tx.query(
    `insert into app.git_head (org_id, source_id, ref, commit_sha) select $1, $2, h.ref, h.commit_sha
     from unnest($3::text[], $4::text[]) as h (ref, commit_sha)
     on conflict (org_id, source_id, ref) do update set commit_sha = excluded.commit_sha`,
    [tx.scope.orgId, sourceId, [...heads.keys()], [...heads.values()]],
  );
}

/** @returns commits by ref, as they were known */
export async function loadHeads(tx: Tx, sourceId: string): Promise<Map<string, string>> {
  const rows = await tx.query<{ ref: string; commit_sha: string }>(
    'select ref, commit_sha from app.git_head where org_id = $1 and source_id = $2',
    [tx.scope.orgId, sourceId],
  );
  return new Map(rows.map(({ ref, commit_sha: commit }) => [ref, commit]));
}
