import { existsSync, type Dirent } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watch, type FSWatcher } from 'chokidar';
import type { JsonObject } from '#kernel';
import type { ManifestProblem } from '#contracts';
import { isManifestPath, readFolder, type FolderFile, type FolderObject } from '#kube';
import type { SourceSnapshot } from './inventory-sync.js';
import { keepUnread } from './last-reading.rules.js';

/** Editors write a file in several steps: it is read once they are done. */
const SETTLE_MS = 150;
/** A file that is written all the time holds the others up no longer than this many times. */
const READ_ATTEMPTS = 8;
const FILE_MAX_BYTES = 16 * 1024 * 1024;

/** A link to nowhere that Emacs puts beside a file while it is edited. */
const EMACS_LOCK = '.#';
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'the agent may not read it',
  EPERM: 'the agent may not read it',
  ELOOP: 'a link that leads back to itself',
  ENOENT: 'there is nothing at this place, or where its link leads',
};

/** The folder as a whole can't be read: what it holds is unknown. */
export class SourceUnreadable extends Error {}

/** A folder of manifests that stands for a cluster (F8). */
export class DirectorySource {
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private rewatch: (() => Promise<void>) | undefined;
  private lost = false;
  private last: readonly FolderObject[] = [];

  /**
   * @param folder absolute path
   * @param hmacKey for HMACs of secret values
   * @param now milliseconds since 1970: what was written a moment before may be half of what it will be
   */
  constructor(
    private readonly folder: string,
    private readonly hmacKey: Uint8Array,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether the folder was gone at the last look: nothing will tell when it is back. */
  get isLost(): boolean {
    return this.lost;
  }

  /**
   * @returns all objects of the folder, and what of it could not be read; a file that was fine before and is broken now
   *   still counts as it was
   * @throws SourceUnreadable where the folder itself can't be
   */
  async read(): Promise<SourceSnapshot> {
    await this.noticeLoss();
    for (let attempt = 1; ; attempt++) {
      const at = this.now();
      const { files, problems, unsettled } = await this.readFiles();
      if (!unsettled || attempt === READ_ATTEMPTS) return this.snapshotOf(files, problems, at);
      await delay(SETTLE_MS);
    }
  }

  private snapshotOf(files: FolderFile[], problems: ManifestProblem[], at: number): SourceSnapshot {
    const contents = readFolder(files, { hmacKey: this.hmacKey });
    const faults = contents.problems.filter(({ code }) => code !== 'duplicate');
    const unread = new Set([...problems, ...faults].map(({ path }) => path));
    this.last = keepUnread(this.last, contents.objects, unread);
    const found = contents.problems.map(({ path, line, column, code, message }): ManifestProblem => ({
      path,
      line,
      column,
      code,
      message,
    }));
    const objects = this.last.map(({ object, identity, attributes }) => ({
      object,
      identity,
      attributes: attributes as unknown as JsonObject,
    }));
    return { objects, problems: [...problems, ...found], at };
  }

  /**
   * Watches the folder from here on; what is written after the returned promise is not missed.
   * @param onChange called after the folder changed and came to rest
   * @param onError told what could not be watched: its changes are seen with the next one elsewhere
   */
  async watch(onChange: () => void, onError: (message: string) => void): Promise<void> {
    this.rewatch = () => this.watch(onChange, onError);
    await this.watcher?.close();
    const watcher = watch(this.folder, { ignoreInitial: true, ignored: (path) => path.split(sep).includes('.git') });
    this.watcher = watcher;
    watcher.on('error', (error) => onError(`can't watch all of ${this.folder}: ${(error as Error).message}`));
    watcher.on('all', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(onChange, SETTLE_MS);
    });
    await new Promise<void>((resolve) => watcher.once('ready', resolve));
  }

  /** Ends the watch. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.watcher?.close();
  }

  /** A folder that was gone is another one when it is back, and nobody watches that. */
  private async noticeLoss(): Promise<void> {
    const there = existsSync(this.folder);
    if (there && this.lost) await this.rewatch?.();
    this.lost = !there;
  }

  private async readFiles(): Promise<{ files: FolderFile[]; problems: ManifestProblem[]; unsettled: boolean }> {
    const found: FoundFiles = { links: new Set(), paths: [], problems: [] };
    await findFiles(this.folder, '', found);
    const files: FolderFile[] = [];
    let unsettled = false;
    for (const path of found.paths) {
      try {
        const read = await readRegularFile(join(this.folder, path));
        if (read === undefined) continue;
        files.push({ path, text: read.text });
        unsettled ||= isBeingWritten(read.mtimeMs, this.now());
      } catch (error) {
        // Gone between the listing and the reading: an editor's file, or one that was just renamed.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !found.links.has(path)) continue;
        found.problems.push(unreadable(path, error));
      }
    }
    return { files, problems: found.problems, unsettled };
  }
}

interface FoundFiles {
  /** Relative to the folder, `/` between their parts. */
  paths: string[];
  links: Set<string>;
  problems: ManifestProblem[];
}

/** Links to folders are not followed, as by `kubectl apply -R`: what they lead to may be read twice, or without end. */
async function findFiles(root: string, below: string, found: FoundFiles): Promise<void> {
  for (const entry of await listFolder(root, below, found)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== '.git') await findFiles(root, path, found);
    } else if (isManifestPath(path) && !entry.name.startsWith(EMACS_LOCK)) {
      found.paths.push(path);
      if (entry.isSymbolicLink()) found.links.add(path);
    }
  }
}

async function listFolder(root: string, below: string, found: FoundFiles): Promise<Dirent[]> {
  try {
    return await readdir(join(root, below), { withFileTypes: true });
  } catch (error) {
    // Without the folder itself nothing is known, which is not the same as nothing being there.
    if (below === '') throw new SourceUnreadable(`${root}: ${reasonOf(error)}`, { cause: error });
    found.problems.push(unreadable(below, error));
    return [];
  }
}

/** @returns undefined for what only has the name of a file: a folder behind a link, a pipe */
async function readRegularFile(file: string): Promise<{ text: Buffer; mtimeMs: number } | undefined> {
  const about = await stat(file);
  if (!about.isFile()) return undefined;
  if (about.size > FILE_MAX_BYTES)
    throw new Error(`${about.size} bytes, more than the ${FILE_MAX_BYTES} that are read; split it`);
  return { text: await readFile(file), mtimeMs: about.mtimeMs };
}

/** Written a moment ago, a file may be half of what it will be; what lies in the future is another machine's clock. */
function isBeingWritten(mtimeMs: number, now: number): boolean {
  return mtimeMs <= now && now - mtimeMs < SETTLE_MS;
}

function unreadable(path: string, error: unknown): ManifestProblem {
  return { path, line: 1, column: 1, code: 'unreadable', message: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
