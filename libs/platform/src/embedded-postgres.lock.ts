import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

const LOCK_FILE = 'bylaw.pid';
const ORPHAN_ENDS_WITHIN_MS = 20_000;

/**
 * Takes the data folder for this process; the lock of a process that was killed counts for nothing.
 * @param stateDir absolute path
 * @throws EmbeddedPostgresError where another living process holds it
 */
export function claimDataDir(stateDir: string): void {
  const file = join(stateDir, LOCK_FILE);
  const holder = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  if (Number.isInteger(holder) && holder !== process.pid && isAlive(holder) && commandOf(holder, 'node')) {
    throw new EmbeddedPostgresError(
      `Another Bylaw (process ${holder}) uses the data folder ${stateDir}.\n` +
        'Stop it first, or set BYLAW_DATA_DIR to another folder.',
    );
  }
  writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
}

/** Gives the folder back. */
export function releaseDataDir(stateDir: string): void {
  rmSync(join(stateDir, LOCK_FILE), { force: true });
}

/**
 * Ends a server that outlived its killed parent, the clean way, so that a new one can have the cluster. A lock file
 * whose process is no Postgres (the number was given to another program since) is taken away.
 * @param clusterDir absolute path of the cluster
 */
export async function stopOrphan(clusterDir: string): Promise<void> {
  const lock = join(clusterDir, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  if (!Number.isInteger(pid) || !isAlive(pid) || !commandOf(pid, 'postgres')) {
    rmSync(lock, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + ORPHAN_ENDS_WITHIN_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `A Postgres server (process ${pid}) of an earlier start does not end: end it by hand.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A zombie is dead: it only waits for its parent to ask.
  return !/^\d+ \(.*\) Z/.test(readProc(pid, 'stat') ?? '');
}

/** Whether a process runs that program; true where the system can't say, so that nothing alive is trampled on. */
function commandOf(pid: number, program: string): boolean {
  const command = readProc(pid, 'cmdline');
  return command === undefined || command.split('\0')[0]?.includes(program) === true;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
