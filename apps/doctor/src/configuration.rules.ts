import { closestMatch } from 'leven';
import { CONFIG_VARIABLES, type Config } from '#platform';
import { failed, listed, ok, warning, type Finding } from './finding.js';
import type { Environment, Surroundings } from './surroundings.js';

/** Read by commands, not by the platform. */
const OF_COMMANDS = ['BYLAW_API_KEY', 'BYLAW_CACHE_DIR', 'BYLAW_SERVER', 'BYLAW_SOURCE', 'BYLAW_TOKEN'];
/** Read by the tests alone. */
const OF_TESTS = /^BYLAW_(?:TEST|FAULTS)_/;
/** More letters that differ are another name. */
const TYPO_LETTERS = 3;
/** As package.json's `engines` has it. */
export const OLDEST_NODE = '20.19.0';

/** @param version as `process.versions.node` has it */
export function judgeNode(version: string): Finding {
  const older = version.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0;
  if (!older) return ok('node', version);
  return failed('node', `${version} is too old`, `Run Bylaw with Node ${OLDEST_NODE.replace(/\.0$/, '')} or newer.`);
}

/**
 * @param environment all of it
 * @param wrong variables that can't be read
 */
export function judgeVariables(environment: Environment, wrong: Surroundings['wrong']): Finding[] {
  const set = Object.keys(environment).filter((name) => (environment[name] ?? '') !== '');
  const known = set.filter((name) => CONFIG_VARIABLES.includes(name));
  const unreadable = wrong.map(({ variable, takes }) =>
    failed(variable, `can’t be used: ${takes}`, 'Correct it or leave it out: the platform refuses to start with it.'),
  );
  const unknown = set.flatMap((name) => judgeUnknown(name));
  if (unreadable.length > 0) return [...unreadable, ...unknown];
  const found = known.length === 0 ? 'nothing is set: all defaults' : `can be read: ${known.sort().join(', ')}`;
  return [ok('settings', found), ...unknown];
}

/** Names that begin as ours do are ours; of others, those that are all but one of ours. */
function judgeUnknown(name: string): Finding[] {
  if (CONFIG_VARIABLES.includes(name) || OF_COMMANDS.includes(name) || OF_TESTS.test(name)) return [];
  const ours = name.startsWith('BYLAW_');
  const candidates = ours
    ? [...CONFIG_VARIABLES, ...OF_COMMANDS]
    : CONFIG_VARIABLES.filter((known) => known !== 'PORT');
  const meant = closestMatch(name, candidates, { maxDistance: ours ? TYPO_LETTERS : 1 });
  if (meant !== undefined) return [warning(name, 'is set, and nothing reads it', `Did you mean ${meant}?`)];
  return ours ? [warning(name, 'is set, and nothing reads it', 'Leave it out, or see the README for its name.')] : [];
}

/** @param config as the platform would read it */
export function judgeTogether(config: Config): Finding[] {
  const { databaseUrl, databaseOwnerUrl, databaseDirectUrl } = config;
  const beside = [
    ...(databaseOwnerUrl === undefined ? [] : ['DATABASE_OWNER_URL']),
    ...(databaseDirectUrl === undefined ? [] : ['DATABASE_DIRECT_URL']),
  ];
  if (databaseUrl === undefined) {
    if (beside.length === 0) return [];
    const found = `${listed(beside)} without DATABASE_URL: \`npm start\` would use a Postgres of its own`;
    return [failed('DATABASE_URL', found, 'Set DATABASE_URL to the application’s login, or leave the others out.')];
  }
  const named = [databaseUrl, databaseOwnerUrl, databaseDirectUrl].flatMap((url) => (url === undefined ? [] : [url]));
  const databases = [...new Set(named.map((url) => decodeURIComponent(new URL(url).pathname.slice(1))))];
  const findings: Finding[] = [];
  if (databases.length > 1) {
    const found = `they name different databases: ${databases.join(', ')}`;
    findings.push(failed('DATABASE_…URL', found, 'All of them lead to one database, by several logins or ways.'));
  }
  if (databaseOwnerUrl === undefined && databaseDirectUrl !== undefined) {
    const found = 'is not used: without DATABASE_OWNER_URL the queue’s login follows from DATABASE_URL';
    const advice = 'Give DATABASE_OWNER_URL beside it, or let DATABASE_URL lead to Postgres itself, past any pooler.';
    findings.push(warning('DATABASE_DIRECT_URL', found, advice));
  }
  return findings;
}

/** @param config as the platform would read it */
export function judgePublicUrl({ publicUrl, trustProxy }: Config): Finding[] {
  if (publicUrl === undefined) return [];
  const subject = 'BYLAW_PUBLIC_URL';
  const url = new URL(publicUrl);
  const example = 'As in https://bylaw.example.com.';
  if (!/^https?:$/.test(url.protocol))
    return [failed(subject, `begins with ${url.protocol}, and links with it lead nowhere`, example)];
  if (url.username !== '' || url.password !== '')
    return [failed(subject, 'holds a login, which every link would show', example)];
  if (url.search !== '' || url.hash !== '')
    return [failed(subject, 'has something after its path, and links are made by adding to it', example)];
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !local)
    return [
      warning(
        subject,
        `${publicUrl} is not encrypted: API keys go over the network in the clear`,
        'Put TLS before it.',
      ),
    ];
  if (url.protocol === 'https:' && trustProxy === undefined) {
    const found = 'is unset, though something ends TLS before Bylaw: all clients seem to come from there';
    const advice = 'Say how many proxies there are, or their networks: docs/limits.md.';
    return [ok(subject, publicUrl), warning('BYLAW_TRUST_PROXY', found, advice)];
  }
  return [ok(subject, publicUrl)];
}
