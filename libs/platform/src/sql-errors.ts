/**
 * Whether a statement failed because a row with that key is there already.
 * @param error what the query threw
 * @param constraint name of the unique index, where only that one is meant
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint: violated } = (error ?? {}) as { code?: string; constraint?: string };
  return code === '23505' && (constraint === undefined || violated === constraint);
}

/**
 * Whether a statement failed because the row that it refers to is not there, or because others refer to it.
 * @param error what the query threw
 */
export function isForeignKeyViolation(error: unknown): boolean {
  return ((error ?? {}) as { code?: string }).code === '23503';
}
