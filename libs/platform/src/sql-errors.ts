/**
 * Whether a statement failed because a row with that key is there already.
 * @param error what the query threw
 * @param constraint name of the unique index, where only that one is meant
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint: violated } = (error ?? {}) as { code?: string; constraint?: string };
  return code === '23505' && (constraint === undefined || violated === constraint);
}
