import { VERSION } from '#kernel';
import { counted, failed, listed, ok, warning, type Finding } from './finding.js';

const SUBJECT = 'schema';

/**
 * @param applied names of the migrations that ran; undefined where none ever did
 * @param known names of this version's, in order
 */
export function judgeMigrations(applied: readonly string[] | undefined, known: readonly string[]): Finding {
  if (applied === undefined || applied.length === 0)
    return warning(SUBJECT, 'nothing of the platform is there yet', 'The API sets the database up when it starts.');
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return failed(
      SUBJECT,
      `a newer version of the platform has run here: ${listed(unknown)} ${unknown.length === 1 ? 'is' : 'are'} unknown to ${VERSION}`,
      'Run that version, or a newer one; to go back, restore the backup made before.',
    );
  const missing = known.filter((name) => !applied.includes(name));
  if (missing.length > 0)
    return failed(
      SUBJECT,
      `${counted(missing.length, 'migration')} of ${known.length} did not run: ${listed(missing)}`,
      `Start the API of ${VERSION}: it migrates when it starts. If it does not start, its log says why.`,
    );
  return ok(SUBJECT, `all ${known.length} migrations of ${VERSION} have run`);
}
