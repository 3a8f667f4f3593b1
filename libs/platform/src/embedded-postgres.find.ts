import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from './embedded-postgres.home.js';

export const EMBEDDED_SUPERUSER = 'bylaw_root';
/** Name of the file with the superuser's password in the state folder. */
export const PASSWORD_FILE = 'postgres.password';
/** The line of Postgres' lock file that holds its port, from 0 on. */
const PORT_LINE = 3;

/** An embedded server as its files tell of it. */
export interface FoundServer {
  /** Absolute path of its cluster. */
  clusterDir: string;
  /** The superuser's connection URL; undefined while it doesn't run. */
  superuserUrl: string | undefined;
}

/**
 * Looks for the embedded server of a data folder, without starting or changing anything. A server that was killed looks
 * as if it ran: its port doesn't answer.
 * @param dataDir absolute path of the platform's data folder
 * @returns undefined where there never was one
 * @throws what the file system throws where this user may not read its files
 */
export function findEmbeddedServer(dataDir: string): FoundServer | undefined {
  const stateDir = [dataDir, stateFolder(dataDir)].find((folder) => existsSync(join(folder, 'postgres')));
  if (stateDir === undefined) return undefined;
  const clusterDir = join(stateDir, 'postgres');
  const port = Number(linesOf(join(clusterDir, 'postmaster.pid'))[PORT_LINE]);
  const password = linesOf(join(stateDir, PASSWORD_FILE))[0];
  const runs = Number.isInteger(port) && port > 0 && password !== undefined;
  return { clusterDir, superuserUrl: runs ? superuserUrlOf(password, port) : undefined };
}

/** @returns the superuser's connection to an embedded server */
export function superuserUrlOf(password: string, port: number): string {
  return `postgres://${EMBEDDED_SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
