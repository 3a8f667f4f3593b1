import type { Backlog } from '#evaluation';
import { REDIS_VERSIONS, type QueueFacts, type RedisFacts } from '#platform';
import { counted, failed, ok, warning, type Finding } from './finding.js';
import { sized } from './disk.rules.js';

const KEEPING = 'noeviction';
/** Of its memory, so much may be used before somebody should know: then it takes no more. */
const FULL = 0.9;
/** A worker looks for itself every two seconds: what waits longer, nobody serves. */
const WAKE_UP_WAITS_MS = 60_000;
const EVENT_WAITS_MS = 60_000;
const EVENT_IS_STUCK_MS = 15 * 60_000;
/** A run may be long, and others of its cluster wait for it. */
const RUN_WAITS_MS = 15 * 60_000;
/** Seconds after its worker went silent another one takes it. */
const SILENT_MS = 60_000;
const SERVE = 'See that a worker runs, and its log.';

/** @param redis as it tells of itself */
export function judgeRedis(redis: RedisFacts, place: string): Finding[] {
  return [judgeServer(redis, place), judgeMemory(redis)];
}

function judgeServer({ version, role, persistent }: RedisFacts, place: string): Finding {
  const subject = 'redis';
  const what = `Redis ${version} at ${place}`;
  if (isOlder(version, REDIS_VERSIONS.minimum))
    return failed(subject, `${what} is too old`, `Move to ${REDIS_VERSIONS.recommended} or newer.`);
  if (role !== '' && role !== 'master')
    return failed(subject, `${what} is a replica and takes no writes`, 'Let REDIS_URL lead to the primary.');
  if (isOlder(version, REDIS_VERSIONS.recommended))
    return warning(subject, `${what} is old`, `Move to ${REDIS_VERSIONS.recommended} or newer.`);
  const kept = persistent ? 'keeps what it holds' : 'keeps nothing over a restart';
  return ok(subject, `${what}; ${kept}, and need not: what is lost is found again in Postgres`);
}

function judgeMemory({ evictionPolicy, maxMemory, usedMemory }: RedisFacts): Finding {
  const subject = 'redis memory';
  const advice = `Set maxmemory-policy ${KEEPING}, in redis.conf or where the service is ordered.`;
  const limit = maxMemory === 0 ? 'no limit' : `${sized(usedMemory)} of ${sized(maxMemory)}`;
  if (evictionPolicy !== KEEPING && maxMemory > 0)
    return failed(subject, `${evictionPolicy} (${limit}): when full, it throws parts of the queue away`, advice);
  if (evictionPolicy !== KEEPING)
    return warning(subject, `${evictionPolicy}: with a limit it would throw parts of the queue away`, advice);
  if (maxMemory > 0 && usedMemory > maxMemory * FULL)
    return warning(subject, `${limit}: when full, it takes no further wake-ups`, 'Raise maxmemory.');
  return ok(subject, `${evictionPolicy}, ${limit}`);
}

/**
 * @param queue its wake-ups
 * @param nowMs this machine's time, by which jobs are stamped
 */
export function judgeQueue(
  { queue, waiting, active, failed: failures, oldestWaiting }: QueueFacts,
  nowMs: number,
): Finding {
  const subject = `wake-ups: ${queue}`;
  const found = `${waiting} waiting, ${active} at work, ${failures} failed in the last minute`;
  const waitsMs = oldestWaiting === undefined ? 0 : nowMs - oldestWaiting.getTime();
  if (waitsMs > WAKE_UP_WAITS_MS) return warning(subject, `${found}; the oldest waits for ${lasting(waitsMs)}`, SERVE);
  if (failures > 0) return warning(subject, found, 'The worker’s log says why; what they were for is found again.');
  return ok(subject, found);
}

/** What waits in all organizations that were looked at, and in how many more something does. */
export interface WholeBacklog extends Backlog {
  organizations: number;
  notLookedAt: number;
}

/** @param backlog of all organizations */
export function judgeBacklog(backlog: WholeBacklog): Finding[] {
  const { organizations, notLookedAt } = backlog;
  const among = organizations === 0 ? '' : `, in ${counted(organizations, 'organization')}`;
  const more = notLookedAt === 0 ? '' : ` (${notLookedAt} more not looked at)`;
  return [judgeEvents(backlog, `${among}${more}`), judgeRuns(backlog, `${among}${more}`)];
}

/** @returns the sum of what waits, each oldest one of all */
export function addBacklogs(all: readonly Backlog[], notLookedAt: number): WholeBacklog {
  const sum = (name: 'events' | 'runs' | 'silentRuns'): number => all.reduce((total, one) => total + one[name], 0);
  const oldest = (name: 'oldestEventMs' | 'oldestRunMs' | 'longestSilentMs'): number | null =>
    all.reduce<number | null>((longest, { [name]: ms }) => (ms !== null && ms > (longest ?? 0) ? ms : longest), null);
  return {
    events: sum('events'),
    oldestEventMs: oldest('oldestEventMs'),
    runs: sum('runs'),
    oldestRunMs: oldest('oldestRunMs'),
    silentRuns: sum('silentRuns'),
    longestSilentMs: oldest('longestSilentMs'),
    organizations: all.length,
    notLookedAt,
  };
}

function judgeEvents({ events, oldestEventMs }: WholeBacklog, among: string): Finding {
  const subject = 'events';
  if (oldestEventMs === null) return ok(subject, 'all delivered');
  const found = `${events} to be delivered${among}; the oldest waits for ${lasting(oldestEventMs)}`;
  if (oldestEventMs > EVENT_IS_STUCK_MS) return failed(subject, found, SERVE);
  return oldestEventMs > EVENT_WAITS_MS ? warning(subject, found, SERVE) : ok(subject, found);
}

function judgeRuns({ runs, oldestRunMs, silentRuns, longestSilentMs }: WholeBacklog, among: string): Finding {
  const subject = 'runs';
  if (longestSilentMs !== null && longestSilentMs > SILENT_MS)
    return warning(
      subject,
      `${silentRuns} were left by a worker that has gone, and nobody took them over for ${lasting(longestSilentMs)}`,
      SERVE,
    );
  if (oldestRunMs === null) return ok(subject, 'none waits');
  const found = `${runs} waiting${among}; the oldest for ${lasting(oldestRunMs)}`;
  return oldestRunMs > RUN_WAITS_MS
    ? warning(subject, found, `${SERVE} Where it has much to do, add another one.`)
    : ok(subject, found);
}

/** Versions are numbers between dots; what follows them is not compared. */
function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

function lasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
