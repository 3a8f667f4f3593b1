import { isJsonObject, type Json } from '#kernel';

/**
 * Level by level instead of recursively: a value that is too deep must not end the process that asks.
 * @param value any JSON value
 * @param limit how many maps and lists may lie within each other
 */
export function isDeeperThan(value: Json, limit: number): boolean {
  let level: Json[] = [value];
  for (let depth = 0; depth <= limit; depth++) {
    const next: Json[] = [];
    for (const item of level) {
      if (Array.isArray(item)) for (const child of item) next.push(child);
      else if (isJsonObject(item)) for (const child of Object.values(item)) next.push(child);
    }
    level = next.filter((item) => typeof item === 'object' && item !== null);
    if (level.length === 0) return false;
  }
  return true;
}
