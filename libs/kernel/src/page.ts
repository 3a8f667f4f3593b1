/** A page of a list, and the way to the next. */
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** A part of what is read from its beginning to its end; whoever takes it owns it. */
export interface Chunk<Item> {
  /** The moment that every part shows. */
  at: Date;
  items: Item[];
}

/**
 * Cuts one row more than a page into the page and its cursor.
 * @param rows at most `limit + 1`
 * @param limit page size
 * @param cursor of a row
 * @param shape of a row
 */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursor: (row: Row) => string,
  shape: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(shape), next_cursor: rows.length > limit && last !== undefined ? cursor(last) : null };
}
