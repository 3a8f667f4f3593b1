import type { StorageFacts } from '#platform';
import { counted, failed, listed, ok, warning, type Finding } from './finding.js';

const WARNS_BYTES = 1024 ** 3;
const FAILS_BYTES = 100 * 1024 ** 2;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** What the file system says of the data folder. */
export type FolderFacts =
  | { kind: 'missing' }
  | { kind: 'not a folder' }
  | {
      kind: 'folder';
      /** This user may list, make and remove files in it. */
      usable: boolean;
      /** Its owner, and who asks; undefined where users have no numbers. */
      owner: number | undefined;
      user: number | undefined;
      /** For this user, bytes. */
      free: number;
    };

/**
 * @param path of the data folder
 * @param folder what was found there
 * @param needed whether something is kept there: an embedded database, or keys that the environment doesn't give
 */
export function judgeFolder(path: string, folder: FolderFacts, needed: boolean): Finding[] {
  const subject = 'data folder';
  if (folder.kind === 'not a folder')
    return [failed(subject, `${path} is not a folder`, 'Set BYLAW_DATA_DIR to a folder of the platform’s own.')];
  if (folder.kind === 'missing') {
    if (!needed) return [ok(subject, `${path} is not there, and nothing would be kept in it`)];
    return [
      warning(
        subject,
        `${path} is not there yet`,
        'The platform makes it at its first start; if it ran already, set BYLAW_DATA_DIR.',
      ),
    ];
  }
  const { usable, owner, user, free } = folder;
  if (!usable)
    return [
      failed(
        subject,
        `${path} can’t be written by this user${user === undefined ? '' : ` (${user})`}; it belongs to ${owner ?? 'somebody else'}`,
        'Give it to the user that runs the platform (chown -R), or run this as that user.',
      ),
    ];
  const whose =
    owner === user || user === 0
      ? ok(subject, `${path} can be written`)
      : warning(
          subject,
          `${path} belongs to another user (${owner}) than this one (${user})`,
          'Run this as the user that runs the platform; if it is that one, give it the folder (chown -R).',
        );
  return [whose, judgeSpace(free)];
}

/** @param storage what the database says; `now` is the server's */
export function judgeHistory({ now, histories }: StorageFacts): Finding[] {
  const subject = 'history partitions';
  if (histories.length === 0) return [];
  const lacking = histories.flatMap(({ name, months }) =>
    [0, 1].map((ahead) => monthOf(now, ahead)).flatMap((month) => (months.includes(month) ? [] : [`${name}_${month}`])),
  );
  const rest = histories.filter(({ restBytes }) => restBytes > 0).map(({ name }) => `${name}_rest`);
  const findings: Finding[] = [];
  if (lacking.length > 0)
    findings.push(
      failed(
        subject,
        `not there: ${listed(lacking)}`,
        'The API makes them when it starts, a worker every six hours: see that one runs, and its log. By hand, as the owner: call hist.ensure_partitions(…).',
      ),
    );
  if (rest.length > 0)
    findings.push(
      warning(
        'history beyond',
        `rows have been put outside of any month: ${listed(rest)}`,
        'Their month’s partition can’t be made while they are there: move them, as the owner, month by month.',
      ),
    );
  if (findings.length > 0) return findings;
  return [ok(subject, `${counted(histories.length, 'table')} to the end of ${lastMonth(histories).replace('_', '-')}`)];
}

/** @returns bytes in the unit that people would choose */
export function sized(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

function judgeSpace(free: number): Finding {
  const found = `${sized(free)} free`;
  const advice = 'Make room, or move the data folder to a larger disk.';
  if (free < FAILS_BYTES) return failed('free space', found, advice);
  return free < WARNS_BYTES ? warning('free space', found, advice) : ok('free space', found);
}

/** As partitions are called: `2026_12`. */
function monthOf(now: Date, ahead: number): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    .toISOString()
    .slice(0, 7)
    .replace('-', '_');
}

/** That every table has. */
function lastMonth(histories: StorageFacts['histories']): string {
  return histories.map(({ months }) => months.at(-1) ?? '').sort()[0] ?? '';
}
