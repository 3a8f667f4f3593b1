import { AppError } from '#kernel';

/**
 * Refuses a change that was made to something that is no longer as its author saw it.
 * @param revision of the thing as it is now, locked
 * @param seen the revision that the author saw (`If-Match`); undefined: whatever it is
 * @throws AppError `stale_revision`
 */
export function requireRevision(revision: number, seen: number | undefined): void {
  if (seen === undefined || seen === revision) return;
  throw new AppError(
    'stale_revision',
    `It is at revision ${revision} now, you changed revision ${seen}: read it again and decide again.`,
    { extra: { revision } },
  );
}
