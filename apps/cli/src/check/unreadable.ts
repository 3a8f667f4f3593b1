import type { ValidationDocument } from '#contracts';

/** What could not be read, as a document is answered; its place among the others is given to it later. */
export type UnreadDocument = Omit<ValidationDocument, 'index'>;

/**
 * @param path as results name it
 * @param error of the file system, whose own words name the path once more
 */
export function unreadable(path: string, error: unknown): UnreadDocument {
  const message = (error as Error).message.replace(/, (?:open|read|stat|scandir)\b.*$/, '');
  return { path, status: 'invalid', error: { code: 'unreadable', message } };
}
