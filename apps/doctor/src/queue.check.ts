import { systemScope } from '#kernel';
import { BacklogReadModel, RUNS_QUEUE } from '#evaluation';
import { GIT_QUEUE } from '#git';
import {
  Database,
  EVENTS_QUEUE,
  Inspection,
  placeOf,
  QueueSchemaError,
  readMigrations,
  readPostgresQueues,
  RedisInspection,
  UnreachableError,
} from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { failed, skipped, type Finding } from './finding.js';
import { addBacklogs, judgeBacklog, judgeQueue, judgeRedis } from './queue.rules.js';
import { UNREACHABLE_ADVICE, whereReachable, type DatabaseAccess, type Surroundings } from './surroundings.js';

const QUEUES = [EVENTS_QUEUE.name, GIT_QUEUE.name, RUNS_QUEUE.name];
/** So many organizations are looked into, of those where something waits. */
const ORGANIZATIONS = 200;

/** What wakes workers, and what waits for them. */
export async function checkQueue(surroundings: Surroundings): Promise<Finding[]> {
  const { config, database, wrong, stepMs } = surroundings;
  if (wrong.some(({ variable }) => variable === 'REDIS_URL'))
    return [skipped('redis', 'REDIS_URL can’t be read: see configuration')];
  const { redisUrl } = config;
  const redis = redisUrl === undefined ? [] : await lookAtRedis(redisUrl, surroundings);
  if ('missing' in database) return [...redis, skipped('events', 'there is no way to the database: see logins')];
  const { ownerUrl } = database.logins;
  const cannot = (subject: string): Finding[] => [skipped(subject, 'the database can’t be asked: see logins')];
  const isSetUp = await whereReachable(
    async () => (await Inspection.of(ownerUrl, stepMs, readMigrations)) !== undefined,
    true,
  );
  if (!isSetUp) return [...redis, skipped('events', 'there are none yet: see migrations')];
  const wakeUps =
    redisUrl === undefined
      ? await whereReachable(() => lookAtPostgres(database, surroundings), cannot('wake-ups'))
      : redis;
  return [...wakeUps, ...(await whereReachable(() => lookAtBacklog(database, stepMs), cannot('events')))];
}

async function lookAtRedis(url: string, { stepMs, clock }: Surroundings): Promise<Finding[]> {
  try {
    return await RedisInspection.of(url, stepMs, async (redis) => {
      const findings = judgeRedis(await redis.facts(), placeOf(url));
      if (findings.some(({ subject, status }) => subject === 'redis' && status === 'failed')) return findings;
      for (const name of QUEUES) findings.push(judgeQueue(await redis.queue(name), clock.now()));
      return findings;
    });
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const advice = `${UNREACHABLE_ADVICE} Until then nothing is lost, and workers look for work every two seconds.`;
    return [failed('redis', error.message, advice)];
  }
}

async function lookAtPostgres({ logins }: DatabaseAccess, { stepMs, clock }: Surroundings): Promise<Finding[]> {
  await Inspection.of(logins.queueUrl, stepMs, async () => undefined);
  try {
    const queues = await readPostgresQueues(logins.queueUrl, QUEUES, stepMs);
    return queues.map((queue) => judgeQueue(queue, clock.now()));
  } catch (error) {
    if (!(error instanceof QueueSchemaError)) throw error;
    const advice = 'Start the API of this version: it makes the queue’s tables. If they are a newer one’s, run that.';
    return [failed('wake-ups', error.message, advice)];
  }
}

/** Figures alone, of each organization under its own scope. */
async function lookAtBacklog({ logins }: DatabaseAccess, stepMs: number): Promise<Finding[]> {
  await Inspection.of(logins.applicationUrl, stepMs, async () => undefined);
  const database = new Database({
    url: logins.applicationUrl,
    entities: [],
    poolSize: 1,
    sinks: [],
    onAfterCommitError: () => undefined,
  });
  await database.connect();
  try {
    const backlog = new BacklogReadModel(database);
    // By this machine's clock, as workers ask: what is due a moment later is no backlog.
    const work = await new OrganizationsDirectory(database).dangerouslyFindWork(new Date());
    const waiting = work.filter(({ events, runs }) => events || runs).map(({ orgId }) => orgId);
    const looked = waiting.slice(0, ORGANIZATIONS);
    const all = [];
    for (const orgId of looked) all.push(await backlog.of(systemScope(orgId, 'bylaw doctor')));
    return judgeBacklog(addBacklogs(all, waiting.length - looked.length));
  } finally {
    await database.close();
  }
}
