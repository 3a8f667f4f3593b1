import { realpathSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** Why a file was left as it is. */
export class LeftAlone extends Error {}

/**
 * Replaces what a file holds, whole or not at all.
 * @param file absolute; of a link, what it leads to
 * @param tree that it has to lie in, links followed
 * @param before what it held when it was read
 * @param after what it is to hold
 * @throws LeftAlone where it was changed meanwhile, leads out of the tree, or can't be written
 */
export async function replaceFile(file: string, tree: string, before: Uint8Array, after: string): Promise<void> {
  try {
    const real = realpathSync(file);
    if (!real.startsWith(realpathSync(tree) + sep)) throw new LeftAlone(`it leads out of ${tree}`);
    if (!(await readFile(real)).equals(before)) throw new LeftAlone('somebody changed it meanwhile');
    await writeBeside(real, after);
  } catch (error) {
    throw error instanceof LeftAlone ? error : new LeftAlone((error as Error).message);
  }
}

async function writeBeside(file: string, text: string): Promise<void> {
  const { mode } = await stat(file);
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  try {
    const handle = await open(part, 'wx', mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
