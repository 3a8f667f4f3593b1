import { Command } from 'commander';
import type { Me } from '#contracts';
import { readCredential } from '#kernel';
import { askSecret, secretFromInput } from './ask-secret.js';
import { CliError } from './cli-error.js';
import { Credentials } from './credentials.js';
import { PlatformApi } from './platform-api.js';
import { checkedKey, type Server, serverUrl } from './server.js';
import { ownerText } from './whoami.command.js';
import { writeOut } from './write-out.js';

interface LoginFlags {
  server?: string;
  tokenStdin?: boolean;
  default?: boolean;
}

const EXAMPLES = `
Examples:
  bylaw login --server https://bylaw.example.com
  pass show bylaw/ci | bylaw login --server https://bylaw.example.com --token-stdin
  bylaw logout --server https://bylaw.example.com`;
/** Nobody listens on the way. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** `bylaw login`: keeps a platform's address and an API key for it. */
export function loginCommand(): Command {
  return new Command('login')
    .option('--server <url>', 'the platform (default: $BYLAW_SERVER, else the one that was the default before)')
    .option('--token-stdin', 'read the key from standard input instead of asking for it')
    .option('--default', 'commands that name no server go there; the first one is the default anyway')
    .addHelpText('after', EXAMPLES)
    .action(login);
}

/** `bylaw logout`: forgets them. */
export function logoutCommand(): Command {
  return new Command('logout')
    .option('--server <url>', 'the platform (default: $BYLAW_SERVER, else the default one)')
    .action(logout);
}

async function login(flags: LoginFlags): Promise<void> {
  const url = serverUrl(flags);
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !LOOPBACK.test(hostname))
    process.stderr.write(`bylaw: ${url} is not encrypted: everybody on the way can read the key\n`);
  const given = flags.tokenStdin === true ? await secretFromInput() : await askSecret(`API key for ${url}`);
  const key = checkedKey(given);
  if (readCredential(key)?.kind !== 'api_key')
    throw new CliError('that is no API key, or not all of it: it begins with bylaw_key_ and has a checksum', 2);
  const server: Server = { url, key, keyFrom: 'just now' };
  const me = await new PlatformApi(server).get<Me>('/me');
  const credentials = new Credentials(process.env);
  credentials.keep(url, key, flags.default === true);
  await writeOut(`Logged in to ${url}: ${ownerText(me)}\nKept in ${credentials.file}\n`);
}

async function logout(flags: Pick<LoginFlags, 'server'>): Promise<void> {
  const url = serverUrl(flags);
  const known = new Credentials(process.env).forget(url);
  await writeOut(
    known
      ? `The key for ${url} is forgotten; it is good until it is revoked (DELETE /api/v1/api-keys/{id})\n`
      : `Nothing is kept for ${url}\n`,
  );
}
