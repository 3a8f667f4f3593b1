import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from './cli-error.js';

/** How a platform is reached. */
export interface ServerFlags {
  server: string;
  keyFile?: string | undefined;
}

/**
 * Adds the options that name a platform.
 * @param scope that the key has to have
 */
export function withServer(command: Command, scope: string): Command {
  return command
    .option('--server <url>', 'the platform', 'http://localhost:3000')
    .option('--key-file <file>', `file with an API key of the scope \`${scope}\` (default: $BYLAW_API_KEY)`);
}

/**
 * @returns the platform's address, without a slash at its end
 * @throws CliError 2 where it is none
 */
export function serverUrl({ server }: ServerFlags): string {
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol))
    throw new CliError(`--server ${server}: not a URL, as in http://localhost:3000`, 2);
  return server.replace(/\/+$/, '');
}

/**
 * @param given the key itself, where somebody gave it
 * @returns the API key that was named, or that of the environment
 * @throws CliError 2 where there is none
 */
export function serverKey({ keyFile }: Pick<ServerFlags, 'keyFile'>, given?: string): string {
  const named = keyFile === undefined ? process.env['BYLAW_API_KEY'] : readKeyFile(keyFile);
  const key = given ?? named;
  if (key === undefined || key.trim() === '')
    throw new CliError('an API key is needed: name its file by --key-file, or set BYLAW_API_KEY', 2);
  // What no header can carry is no key, and would be shown by the error.
  if (!/^[\x21-\x7e]+$/.test(key.trim()))
    throw new CliError('that is no API key: it is one word, as in bylaw_key_…', 2);
  return key.trim();
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
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  const { origin } = new URL(response.url);
  const why = problem.detail ?? response.statusText;
  return new CliError(`${origin} refused: ${response.status} ${problem.code ?? ''} ${why}`, 2);
}
