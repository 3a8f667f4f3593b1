import { Command } from 'commander';
import type { Me } from '#contracts';
import { Credentials } from './credentials.js';
import { PlatformApi } from './platform-api.js';
import { type ServerFlags, serverOf, withServer } from './server.js';
import { writeOut } from './write-out.js';

interface WhoamiFlags extends ServerFlags {
  json?: boolean;
}

/** `bylaw whoami`: which platform commands ask, and as whom. */
export function whoamiCommand(): Command {
  return withServer(new Command('whoami'), 'any').option('--json', 'for programs').action(whoami);
}

async function whoami(flags: WhoamiFlags): Promise<void> {
  const server = serverOf(flags);
  const me = await new PlatformApi(server).get<Me>('/me');
  if (flags.json === true) return writeOut(`${JSON.stringify({ server: server.url, ...me }, null, 2)}\n`);
  const lines = [`${server.url}: ${ownerText(me)}`, `The key is that of ${server.keyFrom}`];
  // Who names all that is needed by options does not need a file that is as it should be.
  const others = flags.server === undefined ? othersKept(server.url) : [];
  await writeOut(`${[...lines, ...others].join('\n')}\n`);
}

function othersKept(url: string): string[] {
  const others = new Credentials(process.env).servers().filter((server) => server !== url);
  return others.length === 0 ? [] : [`There are keys for ${others.join(', ')} too: --server, or bylaw login --default`];
}

/** @returns whose a key is and what it may do, in one line */
export function ownerText({ organization, api_key: key }: Me): string {
  return `${organization.name} (${organization.slug}), as the key “${key.name}” for ${key.scopes.join(', ')}`;
}
