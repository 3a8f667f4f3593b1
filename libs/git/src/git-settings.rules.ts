import { isIP } from 'node:net';
import type { OutboundPlace } from '#platform';
import { GitProblem } from './git-process.js';

/** Of the environment, what git needs to be found and to trust the operator's certificates. */
const PASSED_ON = ['PATH', 'GIT_SSL_CAINFO', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_EXEC_PATH'];
const SLOWEST_BYTES_PER_SECOND = 1_000;
const SLOW_FOR_SECONDS = 20;

/** Nothing of the machine's configuration counts, and nothing of a repository is ever run. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.symlinks', 'false'],
  ['core.fsmonitor', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['filter.lfs.smudge', ''],
  ['filter.lfs.process', ''],
  ['filter.lfs.required', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.file.allow', 'never'],
  ['transfer.fsckObjects', 'true'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['credential.helper', ''],
  // What it points at was not checked, and would be given the credential.
  ['http.followRedirects', 'false'],
  ['http.lowSpeedLimit', String(SLOWEST_BYTES_PER_SECOND)],
  ['http.lowSpeedTime', String(SLOW_FOR_SECONDS)],
];

/** How git gets to a server. */
export interface GitWay {
  url: string;
  /** Where the server is, checked: git is not to look it up again. */
  place: OutboundPlace;
  /** Given to this server alone; none for anybody else's. */
  login?: { user: string; password: string };
}

/**
 * The whole environment of a call of git.
 * @param home a folder of its own
 * @param own the process's environment
 * @param way to the server; none where it only reads what it has
 * @throws GitProblem
 */
export function gitEnvironment(
  home: string,
  own: Readonly<Record<string, string | undefined>>,
  way?: GitWay,
): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  const protocol = way === undefined ? '' : protocolOf(way.url);
  const settings = [...SETTINGS, ...(way === undefined ? [] : settingsOf(way, protocol))];
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    // None at all where nothing is to be fetched: what was left out stays out.
    GIT_ALLOW_PROTOCOL: protocol === '' ? 'none' : protocol,
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

/** @throws GitProblem where it is any other than HTTP: it would reach files, or run programs */
function protocolOf(url: string): string {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new GitProblem('refused', 'It is no URL of http or https.');
  return protocol.slice(0, -1);
}

function settingsOf({ url, place, login }: GitWay, protocol: string): (readonly [string, string])[] {
  const { origin } = new URL(url);
  const addresses = place.addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
  const basic = login && Buffer.from(`${login.user}:${login.password}`).toString('base64');
  return [
    [`protocol.${protocol}.allow`, 'always'],
    ...(isIP(place.hostname) === 0
      ? [['http.curloptResolve', `${place.hostname}:${place.port}:${addresses}`] as const]
      : []),
    ...(basic === undefined ? [] : [[`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`] as const]),
  ];
}
