import type { Json } from '#kernel';

/**
 * Descends no deeper than the limit: what is deeper must not end whoever asks.
 * @param value any JSON value
 * @param limit how many maps and lists may lie within each other
 */
export function nestsDeeper(value: Json, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((item) => nestsDeeper(item, limit - 1));
}
