import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '#kernel';
import type { LocalModule } from './local-engines.js';

/** What is kept at most, in bytes; what has not been used for longest goes first. */
const KEPT_MOST = 200_000_000;
const OURS = /^[0-9a-f]{64}\.module(?:\.[0-9a-f]+\.part)?$/;
const LINE_END = 0x0a;
/** Group and others may not write: whoever writes a module decides what it finds. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Compiled modules in files, by what they were made of. A file is taken only where it holds what it held when it was
 * written; else, and wherever the folder can't be used, it is as if there were none.
 */
export class ModuleCache {
  private readonly folder: string;

  /**
   * @param cacheFolder made where there is none
   * @param most bytes of all files
   */
  constructor(
    cacheFolder: string,
    private readonly most = KEPT_MOST,
  ) {
    this.folder = join(cacheFolder, 'modules');
  }

  /**
   * @param key SHA-256, in hexadecimal, of all that the module is made of
   * @param make makes it where it is not there
   * @throws as `make`
   */
  async getOrMake(key: string, make: () => Promise<LocalModule>): Promise<LocalModule> {
    const kept = await this.read(key).catch(() => undefined);
    if (kept !== undefined) return kept;
    const made = await make();
    // Somebody who has no room for it has got what he asked for.
    await this.keep(key, made).catch(() => undefined);
    return made;
  }

  private async read(key: string): Promise<LocalModule | undefined> {
    if (!(await isOursAlone(this.folder))) return undefined;
    // A link may lead to what somebody else writes.
    const file = await open(this.fileOf(key), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      const module = size > this.most ? undefined : unsealed(key, await file.readFile());
      const now = new Date();
      if (module !== undefined) await file.utimes(now, now).catch(() => undefined);
      return module;
    } finally {
      await file.close();
    }
  }

  private async keep(key: string, module: LocalModule): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (!(await isOursAlone(this.folder))) return;
    const content = sealed(key, module);
    if (content.length > this.most) return;
    const part = `${this.fileOf(key)}.${randomBytes(6).toString('hex')}.part`;
    try {
      const file = await open(part, 'wx', 0o600);
      await file.writeFile(content).finally(() => file.close());
      await rename(part, this.fileOf(key));
    } finally {
      await rm(part, { force: true });
    }
    await this.trim();
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
    return join(this.folder, `${key}.module`);
  }
}

/** Its digest, its key, its policies, each in a line, and the module: a file under another's name is found out too. */
function sealed(key: string, { wasm, policies }: LocalModule): Buffer {
  const body = Buffer.concat([Buffer.from(`${key}\n${JSON.stringify(policies)}\n`), wasm]);
  return Buffer.concat([Buffer.from(`${sha256Hex(body)}\n`), body]);
}

function unsealed(key: string, content: Buffer): LocalModule | undefined {
  const [digest, body] = cut(content);
  if (digest !== sha256Hex(body)) return undefined;
  const [named, rest] = cut(body);
  if (named !== key) return undefined;
  const [policies, wasm] = cut(rest);
  return { policies: JSON.parse(policies) as LocalModule['policies'], wasm };
}

function cut(bytes: Buffer): [line: string, rest: Buffer] {
  const end = bytes.indexOf(LINE_END);
  return end < 0 ? ['', bytes] : [bytes.toString('utf8', 0, end), bytes.subarray(end + 1)];
}

/** @throws where there is no such folder */
async function isOursAlone(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  const user = process.getuid?.();
  return found.isDirectory() && (user === undefined || (found.uid === user && (found.mode & WRITABLE_BY_OTHERS) === 0));
}
