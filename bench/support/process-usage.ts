import { readdirSync, readFileSync } from 'node:fs';

/** Of the clock in which Linux counts the time of processes. */
const TICKS_PER_SECOND = 100;
const MEBIBYTE_IN_KIB = 1_024;

/** @returns whether this system tells of its processes as Linux does */
export function tellsOfProcesses(): boolean {
  return process.platform === 'linux';
}

/**
 * @param pid of a process
 * @returns seconds of CPU that it, its children and those that have ended took
 */
export function cpuSeconds(pid: number): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const ticks = all.flatMap((name) => {
    const fields = statOf(name);
    if (fields === undefined) return [];
    const [parent = 0, own = 0, ofEnded = 0] = fields;
    if (Number(name) === pid) return [own + ofEnded];
    return parent === pid ? [own] : [];
  });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/** @returns MiB of memory that the process holds now */
export function residentMebibytes(pid: number): number {
  return statusOf(pid, 'VmRSS');
}

/** @returns the most that it ever held */
export function peakMebibytes(pid: number): number {
  return statusOf(pid, 'VmHWM');
}

function statusOf(pid: number, field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / MEBIBYTE_IN_KIB;
}

/** @returns parent, ticks of its own, ticks of its children that have ended; undefined where it has ended itself */
function statOf(pid: string): [number, number, number] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in brackets may hold anything.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return [parent, user + system, endedUser + endedSystem];
}
