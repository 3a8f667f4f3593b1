import { AppError } from './errors.js';

/**
 * @param name of the query parameter
 * @param text RFC 3339
 * @param now the platform's time
 * @throws AppError `invalid_filter` for a time to come: nobody knows yet
 */
export function requirePast(name: string, text: string, now: Date): Date {
  const at = new Date(text);
  if (at <= now) return at;
  throw new AppError('invalid_filter', `\`${name}\` lies in the future: it is ${now.toISOString()} now.`);
}
