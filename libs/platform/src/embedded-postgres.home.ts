import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';

/** Where a server's files lie and who runs it. */
export interface PostgresHome {
  binDir: string;
  clusterDir: string;
  /** Lock and password, read by us alone. */
  stateDir: string;
  /** Spawn options: another user where we are root, since Postgres refuses to run as root. */
  identity: { uid?: number; gid?: number };
  environment: NodeJS.ProcessEnv;
  /** Said to the user where the folders are not the ones they named. */
  notice?: string;
}

/**
 * Decides where binaries and cluster lie. Root can't run Postgres, so the server runs as another user, who may not
 * reach a folder below a closed one (`/root`): then both go to a state folder that he can reach.
 * @param dataDir absolute path of the platform's data folder
 * @param nativeDir absolute path of the binaries as npm laid them
 */
export function chooseHome(dataDir: string, nativeDir: string): PostgresHome {
  const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const plain = {
    binDir: join(nativeDir, 'bin'),
    clusterDir: join(dataDir, 'postgres'),
    stateDir: dataDir,
    environment,
  };
  if (process.getuid?.() !== 0) return { ...plain, identity: {} };
  const identity = unprivilegedUser();
  if (reachable(dataDir) && reachable(nativeDir)) {
    // The server's user only has to pass through the data folder, not to list it.
    chmodSync(dataDir, 0o711);
    return { ...plain, identity };
  }
  const stateDir = stateFolder(dataDir);
  mkdirSync(stateDir, { recursive: true, mode: 0o711 });
  return {
    binDir: join(copyBinaries(nativeDir), 'bin'),
    clusterDir: join(stateDir, 'postgres'),
    stateDir,
    identity,
    environment,
    notice: `Running as root below a closed folder: the database lies in ${stateDir}`,
  };
}

/** @returns where root's server lies whose user can't reach the data folder */
export function stateFolder(dataDir: string): string {
  return join('/var/lib/bylaw', createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
}

/**
 * Gives a file or folder, with all that it holds, to the server's user; nothing where we are not root.
 * @param home whose user gets it
 * @param path absolute path
 */
export function chownTree(home: PostgresHome, path: string): void {
  const { uid, gid } = home.identity;
  if (uid === undefined || gid === undefined) return;
  chownSync(path, uid, gid);
  if (lstatSync(path).isDirectory()) for (const entry of readdirSync(path)) chownTree(home, join(path, entry));
}

function unprivilegedUser(): { uid: number; gid: number } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return user === undefined ? { uid: 65_534, gid: 65_534 } : { uid: Number(user[2]), gid: Number(user[3]) };
}

/** Whether everybody may pass through every folder from the root down to this one's parent. */
function reachable(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function copyBinaries(nativeDir: string): string {
  const version = createHash('sha256')
    .update(nativeDir)
    .update(String(statSync(nativeDir).mtimeMs))
    .digest('hex')
    .slice(0, 16);
  const target = join('/var/lib/bylaw', `binaries-${version}`);
  if (!existsSync(join(target, 'bin', 'postgres')))
    cpSync(nativeDir, target, { recursive: true, verbatimSymlinks: true });
  return target;
}
