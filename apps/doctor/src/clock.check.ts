import type { Clock } from '#kernel';
import { Inspection, readPostgresTime, RedisInspection } from '#platform';
import { askApi } from './api.check.js';
import { judgeClock, type Reading } from './clock.rules.js';
import { skipped, type Finding } from './finding.js';
import { whereReachable, type Surroundings } from './surroundings.js';

/** What `Date` says has no fraction. */
const HTTP_STEP_MS = 1_000;

/** This machine's clock beside those of Postgres, Redis and the API. */
export async function checkClocks(surroundings: Surroundings): Promise<Finding[]> {
  const looks = [lookAtPostgres(surroundings), lookAtRedis(surroundings), lookAtApi(surroundings)];
  return (await Promise.all(looks)).flat();
}

async function lookAtPostgres({ database, stepMs, clock }: Surroundings): Promise<Finding[]> {
  const subject = 'postgres';
  if ('missing' in database) return [skipped(subject, 'there is no way to the database: see logins')];
  return other(subject, 'see logins', () =>
    Inspection.of(database.makerUrl ?? database.logins.applicationUrl, stepMs, async (inspection) =>
      judgeClock(subject, await read(clock, 0, () => readPostgresTime(inspection))),
    ),
  );
}

async function lookAtRedis({ config, stepMs, clock }: Surroundings): Promise<Finding[]> {
  const { redisUrl } = config;
  if (redisUrl === undefined) return [];
  return other('redis', 'see queue', () =>
    RedisInspection.of(redisUrl, stepMs, async (redis) =>
      judgeClock('redis', await read(clock, 0, () => redis.time())),
    ),
  );
}

async function lookAtApi({ apiUrl, stepMs, clock }: Surroundings): Promise<Finding[]> {
  if (apiUrl === undefined) return [];
  return other('api', 'see api', async () => {
    // The first answer pays for looking up the name and for TLS; what is measured is the second.
    await askApi(apiUrl, '/healthz', stepMs);
    const reading = await read(clock, HTTP_STEP_MS, async () => {
      const { headers } = await askApi(apiUrl, '/healthz', stepMs);
      return Date.parse(headers.get('date') ?? '');
    });
    return Number.isNaN(reading.theirs) ? skipped('api', 'its answers have no date') : judgeClock('api', reading);
  });
}

async function read(clock: Clock, stepMs: number, ask: () => Promise<number>): Promise<Reading> {
  const before = clock.now();
  const theirs = await ask();
  return { before, after: clock.now(), theirs, stepMs };
}

/** A clock that can't be asked is another check's finding. */
async function other(subject: string, where: string, look: () => Promise<Finding>): Promise<Finding[]> {
  return [await whereReachable(look, skipped(subject, `it can’t be asked: ${where}`))];
}
