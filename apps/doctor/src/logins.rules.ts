import type { LoginFacts, ServerFacts } from '#platform';
import { failed, listed, ok, warning, type Finding } from './finding.js';

/** The oldest Postgres that the platform is tried on, as `server_version_num`. */
const OLDEST_SERVER = 150_000;
/** Of the connections that there are, so many may be taken before somebody should know. */
const CROWDED = 0.8;

/**
 * @param server as it tells of itself
 * @param place login, host and database, without password
 */
export function judgeServer(server: ServerFacts, place: string): Finding {
  const what = `Postgres ${server.version} at ${place}`;
  if (server.versionNumber < OLDEST_SERVER)
    return failed('server', `${what} is too old`, 'Move to Postgres 15 or newer.');
  if (server.inRecovery)
    return failed('server', `${what} is a standby and takes no writes`, 'Let the URLs lead to the primary.');
  return ok('server', what);
}

/**
 * @param server as it tells of itself
 * @param perProcess connections that one process of the platform may take
 */
export function judgeConnections(server: ServerFacts, perProcess: number): Finding {
  const subject = 'connections';
  const open = server.maxConnections - server.reservedConnections;
  const found = `${server.usedConnections} of ${open} are taken; a process of the platform takes up to ${perProcess}`;
  const advice = 'Raise max_connections, or put a pooler before DATABASE_URL and let DATABASE_DIRECT_URL pass it.';
  if (open < 2 * perProcess) return warning(subject, `${found}: too few for an API and a worker`, advice);
  if (server.usedConnections > open * CROWDED) return warning(subject, found, advice);
  return ok(subject, found);
}

/** @param owner of the tables, who migrates */
export function judgeOwner(owner: LoginFacts): Finding {
  const subject = 'owner';
  const { login } = owner;
  if (!owner.createsSchemas && !owner.superuser)
    return failed(
      subject,
      `${login} may not create schemas, which each start does`,
      `As an administrator: grant create on database … to ${login}.`,
    );
  if (owner.ownedByOthers > 0)
    return failed(
      subject,
      `${owner.ownedByOthers} tables of the platform belong to somebody else than ${login}`,
      'Give the login that the database was set up with, or let an administrator reassign them.',
    );
  if (owner.superuser || owner.bypassesRls)
    return warning(
      subject,
      `${login} is ${owner.superuser ? 'a superuser' : 'held by no row-level security (BYPASSRLS)'}, and so is what migrations do`,
      'Give DATABASE_OWNER_URL a login that owns the database and is no more than that.',
    );
  return ok(subject, `${login}: no superuser, row-level security holds it`);
}

/** @param application the login that serves requests */
export function judgeApplication(application: LoginFacts): Finding {
  const subject = 'application';
  const { login } = application;
  const roles = listed(application.memberOf);
  const beyond = [
    ...(application.superuser ? ['is a superuser'] : []),
    ...(application.bypassesRls && !application.superuser ? ['has BYPASSRLS'] : []),
    ...(application.owns > 0 ? [`owns ${application.owns} of the platform’s tables`] : []),
    ...(application.memberOf.length > 0 ? [`may act as ${roles}`] : []),
  ];
  if (beyond.length > 0)
    return failed(
      subject,
      `${login} ${beyond.join(', ')}: nothing keeps organizations apart`,
      adviceFor(application, roles),
    );
  if (application.createsRoles || application.createsSchemas)
    return warning(
      subject,
      `${login} may create ${application.createsRoles ? 'roles' : 'schemas'}, which it never needs`,
      application.createsRoles
        ? `As an administrator: alter role ${login} nocreaterole.`
        : `As an administrator: revoke create on database … from ${login}.`,
    );
  return ok(subject, `${login}: owns nothing, row-level security holds it`);
}

function adviceFor({ login, superuser, bypassesRls, owns }: LoginFacts, roles: string): string {
  if (owns > 0) return 'Give DATABASE_URL a login of its own, another one than the owner’s.';
  if (superuser || bypassesRls) return `As an administrator: alter role ${login} nosuperuser nobypassrls.`;
  return `As an administrator: revoke ${roles} from ${login}.`;
}

/**
 * @param login the queue's, which wake-ups are heard by
 * @param hears whether it hears what another connection tells
 */
export function judgeQueueLogin({ login, superuser }: LoginFacts, hears: boolean): Finding {
  const subject = 'queue';
  if (!hears)
    return failed(
      subject,
      `${login} hears no notifications: a pooler stands between that gives connections away after each transaction`,
      'Set DATABASE_DIRECT_URL to Postgres itself, past the pooler (with DATABASE_OWNER_URL beside it).',
    );
  if (superuser)
    return warning(subject, `${login} is a superuser, which wake-ups never need`, 'Give the queue a login of its own.');
  return ok(subject, `${login}: hears wake-ups`);
}

/**
 * Logins that follow from DATABASE_URL and are not there.
 * @param names of the logins
 * @param mayBeMade whether the login of DATABASE_URL may create roles
 */
export function judgeMissingLogins(names: readonly string[], mayBeMade: boolean): Finding {
  const found = `${listed(names)} ${names.length === 1 ? 'is' : 'are'} not there`;
  if (mayBeMade) return warning('logins', `${found} yet`, 'The API makes them when it starts.');
  return failed(
    'logins',
    `${found}, and the login of DATABASE_URL may not create roles`,
    'Start the API once: it prints the SQL for an administrator. Or give DATABASE_OWNER_URL and DATABASE_URL apart.',
  );
}
