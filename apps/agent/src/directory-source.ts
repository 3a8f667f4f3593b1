import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { JsonObject } from '#kernel';
import type { ManifestProblem } from '#contracts';
import { isManifestPath, readFolder, type FolderFile } from '#kube';
import type { SourceSnapshot } from './inventory-sync.js';

/** Editors write a file in several steps: it is read once they are done. */
const SETTLE_MS = 150;
const FILE_MAX_BYTES = 16 * 1024 * 1024;

/** A folder of manifests that stands for a cluster (F8). */
export class DirectorySource {
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param folder absolute path
   * @param hmacKey for HMACs of secret values
   */
  constructor(
    private readonly folder: string,
    private readonly hmacKey: Uint8Array,
  ) {}

  /** @returns all objects of the folder, and what of it could not be read */
  async read(): Promise<SourceSnapshot> {
    const at = Date.now();
    const { files, problems } = await this.readFiles();
    const contents = readFolder(files, { hmacKey: this.hmacKey });
    const found = contents.problems.map(({ path, line, column, code, message }): ManifestProblem => ({
      path,
      line,
      column,
      code,
      message,
    }));
    const objects = contents.objects.map(({ object, identity, attributes }) => ({
      object,
      identity,
      attributes: attributes as unknown as JsonObject,
    }));
    return { objects, problems: [...problems, ...found], at };
  }

  /** @param onChange called after the folder changed and came to rest */
  watch(onChange: () => void): void {
    this.watcher = watch(this.folder, { ignoreInitial: true, ignored: (path) => path.split(sep).includes('.git') });
    this.watcher.on('all', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(onChange, SETTLE_MS);
    });
  }

  /** Ends the watch. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.watcher?.close();
  }

  private async readFiles(): Promise<{ files: FolderFile[]; problems: ManifestProblem[] }> {
    const files: FolderFile[] = [];
    const problems: ManifestProblem[] = [];
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name);
      const path = relative(this.folder, file).split(sep).join('/');
      if (entry.isDirectory() || !isManifestPath(path) || path.split('/').includes('.git')) continue;
      try {
        const { size } = await stat(file);
        if (size > FILE_MAX_BYTES)
          throw new Error(`${size} bytes, more than the ${FILE_MAX_BYTES} that are read; split it`);
        files.push({ path, text: await readFile(file) });
      } catch (error) {
        problems.push({ path, line: 1, column: 1, code: 'unreadable', message: (error as Error).message });
      }
    }
    return { files, problems };
  }
}
