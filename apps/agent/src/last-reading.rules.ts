import { identityKey, type FolderObject } from '#kube';

/**
 * What a file held when it could last be read still stands while it can't be: it is unknown, not gone.
 * @param before the objects of the last reading
 * @param now the objects that could be read this time
 * @param unread files, and folders, of which something could not be read
 * @returns the objects of now, and those of before that only an unread place could have given
 */
export function keepUnread(
  before: readonly FolderObject[],
  now: readonly FolderObject[],
  unread: ReadonlySet<string>,
): FolderObject[] {
  if (unread.size === 0) return [...now];
  const found = new Set(now.map(({ identity }) => identityKey(identity)));
  const kept = before.filter(({ path, identity }) => isWithin(path, unread) && !found.has(identityKey(identity)));
  return [...now, ...kept];
}

function isWithin(path: string, places: ReadonlySet<string>): boolean {
  const parts = path.split('/');
  return parts.some((_part, index) => places.has(parts.slice(0, index + 1).join('/')));
}
