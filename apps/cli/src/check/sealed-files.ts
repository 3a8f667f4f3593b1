import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '#kernel';

const OURS = /^[0-9a-f]{64}\.[a-z]+(?:\.[0-9a-f]+\.part)?$/;
const LINE_END = 0x0a;
/** Group and others may not write: whoever writes a module decides what it finds. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Contents in files, each by its key. One is taken only where it is what was written, under the key that it was written
 * for; else, and wherever the folder can't be used, it is as if there were none.
 */
export class SealedFiles {
  /**
   * @param folder made where there is none
   * @param suffix of the files, lower-case letters
   * @param most bytes of all files; what has not been used for longest goes first
   */
  constructor(
    private readonly folder: string,
    private readonly suffix: string,
    private readonly most: number,
  ) {}

  /**
   * @param key SHA-256 in hexadecimal
   * @returns what was kept under it, undefined where nothing can be had
   */
  async read(key: string): Promise<Buffer | undefined> {
    try {
      return await this.find(key);
    } catch {
      return undefined;
    }
  }

  /**
   * @param key SHA-256 in hexadecimal
   * @param content in place of what is there
   * @returns whether it was kept
   */
  async keep(key: string, content: Uint8Array): Promise<boolean> {
    try {
      return await this.write(key, sealed(key, content));
    } catch {
      return false;
    }
  }

  private async find(key: string): Promise<Buffer | undefined> {
    if (!(await isOursAlone(this.folder))) return undefined;
    // A link may lead to what somebody else writes.
    const file = await open(this.fileOf(key), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      const content = size > this.most ? undefined : unsealed(key, await file.readFile());
      const now = new Date();
      if (content !== undefined) await file.utimes(now, now).catch(() => undefined);
      return content;
    } finally {
      await file.close();
    }
  }

  private async write(key: string, content: Buffer): Promise<boolean> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (!(await isOursAlone(this.folder)) || content.length > this.most) return false;
    const part = `${this.fileOf(key)}.${randomBytes(6).toString('hex')}.part`;
    try {
      await writeFile(part, content, { flag: 'wx', mode: 0o600 });
      await rename(part, this.fileOf(key));
    } finally {
      await rm(part, { force: true });
    }
    await this.trim();
    return true;
  }

  /** Others may do the same at the same time: what is gone already is gone. */
  private async trim(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => OURS.test(name));
    const found = await Promise.all(
      names.map(async (name) => {
        const file = join(this.folder, name);
        const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
        return { file, size, mtimeMs };
      }),
    );
    let total = 0;
    for (const { file, size } of found.toSorted((a, b) => b.mtimeMs - a.mtimeMs)) {
      total += size;
      if (total > this.most) await rm(file, { force: true });
    }
  }

  private fileOf(key: string): string {
    return join(this.folder, `${key}.${this.suffix}`);
  }
}

/** Its digest and its key, each in a line, and the content: a file under another's name is found out too. */
function sealed(key: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(`${key}\n`), content]);
  return Buffer.concat([Buffer.from(`${sha256Hex(body)}\n`), body]);
}

function unsealed(key: string, file: Buffer): Buffer | undefined {
  const [digest, body] = cutLine(file);
  if (digest !== sha256Hex(body)) return undefined;
  const [named, content] = cutLine(body);
  return named === key ? content : undefined;
}

/** @returns the first line, and what comes after it */
export function cutLine(bytes: Buffer): [line: string, rest: Buffer] {
  const end = bytes.indexOf(LINE_END);
  return end < 0 ? ['', bytes] : [bytes.toString('utf8', 0, end), bytes.subarray(end + 1)];
}

/** @throws where there is no such folder */
async function isOursAlone(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  const user = process.getuid?.();
  return found.isDirectory() && (user === undefined || (found.uid === user && (found.mode & WRITABLE_BY_OTHERS) === 0));
}
