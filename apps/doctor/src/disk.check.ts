import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { Inspection, readStorage } from '#platform';
import { judgeFolder, judgeHistory, sized, type FolderFacts } from './disk.rules.js';
import { ok, skipped, type Finding } from './finding.js';
import { whereReachable, type Surroundings } from './surroundings.js';

/** The data folder, the database's size, and room for history. */
export async function checkDisk(surroundings: Surroundings): Promise<Finding[]> {
  const { config } = surroundings;
  const needed = config.databaseUrl === undefined || config.secretKey === undefined || config.initApiKey === undefined;
  const folder = judgeFolder(config.dataDir, await lookAtFolder(config.dataDir), needed);
  return [...folder, ...(await lookAtDatabase(surroundings))];
}

async function lookAtFolder(path: string): Promise<FolderFacts> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return { kind: 'not a folder' };
    const { bavail, bsize } = await statfs(path);
    return {
      kind: 'folder',
      usable: await access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(
        () => true,
        () => false,
      ),
      owner: process.getuid === undefined ? undefined : found.uid,
      user: process.getuid?.(),
      free: bavail * bsize,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'missing' };
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return { kind: 'not a folder' };
    throw error;
  }
}

async function lookAtDatabase({ database, stepMs }: Surroundings): Promise<Finding[]> {
  const subject = 'database';
  if ('missing' in database) return [skipped(subject, 'there is no way to it: see logins')];
  const url = database.makerUrl ?? database.logins.applicationUrl;
  return whereReachable(async () => {
    const storage = await Inspection.of(url, stepMs, readStorage);
    return [ok(subject, sized(storage.databaseSize)), ...judgeHistory(storage)];
  }, [skipped(subject, 'it can’t be asked: see logins')]);
}
