import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Problem } from '#contracts';
import { CliError } from './cli-error.js';
import { Credentials } from './credentials.js';

/** How a platform is named by options. */
export interface ServerFlags {
  server?: string | undefined;
  token?: string | undefined;
  keyFile?: string | undefined;
}

/** A platform, and the key that it is asked with. */
export interface Server {
  /** Without a slash at its end. */
  url: string;
  key: string;
  /** Where the key comes from, for people. */
  keyFrom: string;
}

const DEFAULT_SERVER = 'http://localhost:3000';

/**
 * Adds the options that name a platform.
 * @param scope that the key has to have
 */
export function withServer(command: Command, scope: string): Command {
  return withKey(
    command.option(
      '--server <url>',
      `the platform (default: $BYLAW_SERVER, else that of \`bylaw login\`, else ${DEFAULT_SERVER})`,
    ),
    scope,
  );
}

/** Adds the options that name a key alone. */
export function withKey(command: Command, scope: string): Command {
  return command
    .option(
      '--token <token>',
      `API key of the scope \`${scope}\` (default: $BYLAW_TOKEN, $BYLAW_API_KEY, else that of \`bylaw login\`)`,
    )
    .option('--key-file <file>', 'file with that key');
}

/**
 * Options win over the environment, and that over what `bylaw login` has kept.
 * @throws CliError 2 where no platform or no key is named, or one of them is none
 */
export function serverOf(flags: ServerFlags): Server {
  const url = serverUrl(flags);
  return { url, ...serverKey(flags, url) };
}

/**
 * @returns the platform's address, without a slash at its end
 * @throws CliError 2 where it is none
 */
export function serverUrl({ server }: Pick<ServerFlags, 'server'>): string {
  const named = server ?? (process.env['BYLAW_SERVER'] || undefined);
  return checkedUrl(named ?? new Credentials(process.env).defaultServer() ?? DEFAULT_SERVER);
}

/**
 * @param url as somebody named it
 * @returns the same without a slash at its end
 * @throws CliError 2 where it is no address
 */
export function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(`--server ${url}: not a URL, as in https://bylaw.example.com`, 2);
  return url.replace(/\/+$/, '');
}

/**
 * @param flags options
 * @param url of the platform: a key that was kept is for that platform alone
 * @throws CliError 2 where there is no key
 */
export function serverKey(flags: Omit<ServerFlags, 'server'>, url: string): Pick<Server, 'key' | 'keyFrom'> {
  const [key, keyFrom] = namedKey(flags) ?? keptKey(url);
  return { key: checkedKey(key), keyFrom };
}

/**
 * As `serverKey`, for a platform that a file alone names: whoever may change that file is not to choose where a key goes that
 * was not made for an address.
 * @throws CliError 2 where `bylaw login` keeps none for the platform
 */
export function serverKeyKept(flags: Omit<ServerFlags, 'server'>, url: string): Pick<Server, 'key' | 'keyFrom'> {
  const [, from] = namedKey(flags) ?? [];
  if (from !== undefined && new Credentials(process.env).keyFor(url) === undefined)
    throw new CliError(
      `a key by ${from} goes to no server that bylaw.yaml alone names: name it by BYLAW_SERVER or --server`,
      2,
    );
  const [key, keyFrom] = keptKey(url);
  return { key: checkedKey(key), keyFrom };
}

/**
 * @param text as somebody gave it
 * @returns the key in it
 * @throws CliError 2 where there can be none
 */
export function checkedKey(text: string): string {
  const key = text.trim();
  // What no header can carry is no key, and would be shown by the error.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CliError('that is no API key: it is one word, as in bylaw_key_…', 2);
  return key;
}

function namedKey({ token, keyFile }: Omit<ServerFlags, 'server'>): [key: string, from: string] | undefined {
  if (token !== undefined) return [token, '--token'];
  if (keyFile !== undefined) return [readKeyFile(keyFile), `--key-file ${keyFile}`];
  for (const name of ['BYLAW_TOKEN', 'BYLAW_API_KEY']) {
    const value = process.env[name] ?? '';
    if (value.trim() !== '') return [value, name];
  }
  return undefined;
}

function keptKey(url: string): [key: string, from: string] {
  const credentials = new Credentials(process.env);
  const key = credentials.keyFor(url);
  if (key !== undefined) return [key, credentials.file];
  throw new CliError(
    `an API key is needed for ${url}: \`bylaw login --server ${url}\`, --key-file FILE, or BYLAW_TOKEN in the environment`,
    2,
  );
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--key-file ${file}: ${(error as Error).message}`, 2);
  }
}

/** @returns why a call could not be made, in a few words */
export function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? 'unknown';
}

/**
 * @returns what is said where the platform refused
 */
export async function refusalOf(response: Response): Promise<CliError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const { origin } = new URL(response.url);
  const why = problem.detail ?? response.statusText;
  return new CliError(`${origin} refused: ${response.status} ${problem.code ?? ''} ${why}`, 2);
}
