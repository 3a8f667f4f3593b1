import { randomBytes } from 'node:crypto';
import {
  hearsNotifications,
  Inspection,
  loginOf,
  placeOf,
  POOL_SIZE,
  QUEUE_CONNECTIONS,
  readLogin,
  readPresentLogins,
  readServer,
  UnreachableError,
  type LoginFacts,
  type ServerFacts,
} from '#platform';
import { failed, type Finding } from './finding.js';
import {
  judgeApplication,
  judgeConnections,
  judgeMissingLogins,
  judgeOwner,
  judgeQueueLogin,
  judgeServer,
} from './logins.rules.js';
import { UNREACHABLE_ADVICE, type DatabaseAccess, type Surroundings } from './surroundings.js';

/** Longer no wake-up takes, and a connection that hears nothing is waited for in vain. */
const HEARD_WITHIN_MS = 2_000;
/** Where one URL is given, the platform keeps to the passwords that it made at its first start. */
const FOLLOWS_ADVICE =
  'Its password follows from the one in DATABASE_URL as it was when the login was made: give that one back, or let an administrator set passwords and give DATABASE_OWNER_URL and DATABASE_URL apart.';

/** The server, and who gets in as what. */
export async function checkLogins(surroundings: Surroundings): Promise<Finding[]> {
  const { database, stepMs } = surroundings;
  if ('missing' in database) return [database.missing];
  const { ownerUrl, applicationUrl, queueUrl } = database.logins;
  const missing = await findMissing(database, stepMs);
  const look = async (
    subject: string,
    url: string,
    judge: (login: LoginFacts) => Promise<Finding>,
  ): Promise<Finding[]> => {
    if (missing.names.includes(loginOf(url))) return [];
    const follows = database.makerUrl !== undefined && database.makerUrl !== url;
    return [
      await lookAs(url, stepMs, judge, (why) => failed(subject, why, follows ? FOLLOWS_ADVICE : UNREACHABLE_ADVICE)),
    ];
  };
  const findings = await Promise.all([
    lookAtServer(database.makerUrl ?? ownerUrl, surroundings),
    look('owner', ownerUrl, async (login) => judgeOwner(login)),
    look('application', applicationUrl, async (login) => judgeApplication(login)),
    look('queue', queueUrl, async (login) => judgeQueueLogin(login, await hears(queueUrl, stepMs))),
  ]);
  return [...findings.flat(), ...missing.findings];
}

/** Where the logins follow from one URL, they may not have been made yet. */
async function findMissing(
  { makerUrl, logins }: DatabaseAccess,
  stepMs: number,
): Promise<{ names: string[]; findings: Finding[] }> {
  const none = { names: [], findings: [] };
  if (makerUrl === undefined) return none;
  const wanted = [logins.ownerUrl, logins.applicationUrl, logins.queueUrl].map(loginOf);
  try {
    return await Inspection.of(makerUrl, stepMs, async (maker) => {
      const present = await readPresentLogins(maker, wanted);
      const names = wanted.filter((name) => !present.includes(name));
      if (names.length === 0) return none;
      const { superuser, createsRoles } = await readLogin(maker);
      return { names, findings: [judgeMissingLogins(names, superuser || createsRoles)] };
    });
  } catch (error) {
    // That it doesn't get in is found with the login itself.
    if (error instanceof UnreachableError) return none;
    throw error;
  }
}

async function lookAtServer(url: string, { stepMs, config }: Surroundings): Promise<Finding[]> {
  const judge = (server: ServerFacts): Finding[] => [
    judgeServer(server, placeOf(url)),
    judgeConnections(server, connectionsOfProcess(config.redisUrl !== undefined)),
  ];
  try {
    return judge(await Inspection.of(url, stepMs, readServer));
  } catch (error) {
    if (error instanceof UnreachableError) return [];
    throw error;
  }
}

async function lookAs(
  url: string,
  stepMs: number,
  judge: (login: LoginFacts) => Promise<Finding>,
  unreachable: (why: string) => Finding,
): Promise<Finding> {
  try {
    return await judge(await Inspection.of(url, stepMs, readLogin));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return unreachable(error.message);
  }
}

function hears(url: string, stepMs: number): Promise<boolean> {
  const channel = `bylaw_doctor_${randomBytes(8).toString('hex')}`;
  return hearsNotifications(url, channel, Math.min(HEARD_WITHIN_MS, stepMs));
}

/** API and worker in one: the pool, the connection for wake-ups, and on Postgres two queues and two that serve them. */
function connectionsOfProcess(onRedis: boolean): number {
  return POOL_SIZE + 1 + (onRedis ? 0 : 2 * QUEUE_CONNECTIONS + 2 * (QUEUE_CONNECTIONS + 1));
}
