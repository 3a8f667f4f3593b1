import type { Scope } from '#kernel';
import type { Database } from '#platform';

const ROWS_AT_ONCE = 5_000;

/**
 * Writes rows past the platform's own ways, many at once.
 * @param rows by column
 * @param table with its schema
 * @param columns each with its type
 */
export async function insert(
  database: Database,
  scope: Scope,
  rows: readonly unknown[][],
  table: string,
  columns: readonly string[],
): Promise<void> {
  const names = columns.map((column) => column.split(' ')[0]);
  const types = columns.map((column, index) => `$${index + 2}::${column.split(' ')[1]}[]`);
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const part = rows.slice(start, start + ROWS_AT_ONCE);
    await database.run(scope, (tx) =>
      tx.query(
        `insert into ${table} (org_id, ${names.join(', ')}) select $1, * from unnest(${types.join(', ')}) on conflict do nothing`,
        [scope.orgId, ...columns.map((_, index) => part.map((row) => row[index]))],
      ),
    );
  }
}
