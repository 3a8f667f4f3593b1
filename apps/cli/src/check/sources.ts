import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { isManifestPath } from '#kube';
import { CliError } from '../cli-error.js';
import { IgnoreRules } from './ignore-rules.js';
import type { Exclusion } from './settings.js';
import { unreadable, type UnreadDocument } from './unreadable.js';

/** A file that is to be checked. */
export interface SourceFile {
  /** As results name it: from the working folder, with `/` between its parts. */
  path: string;
  /** Absolute. */
  file: string;
  /** Whether somebody named it, rather than a folder or a glob that it is in. */
  named: boolean;
}

/** What was named, looked up. */
export interface Sources {
  /** In the order of their paths, each once. */
  files: SourceFile[];
  stdin: boolean;
  /** Folders of which nobody knows what is in them. */
  unreadable: UnreadDocument[];
  /** What is worth a word. */
  notes: string[];
}

export const STDIN = '-';

/** What a shell that expands nothing leaves for us to expand. */
const GLOB = /[*?[\]{}!]/;
const NEVER = new Set(['node_modules']);

/**
 * Looks up files, folders, globs and `-`. In folders, manifests are taken (`.yaml`, `.yml`, `.json`); what is hidden, lies in
 * `node_modules` or is left out by `.bylawignore` is not, and symbolic links to folders are not followed.
 * @param given as they were named
 * @param where the working folder, and what is left out besides
 * @throws CliError 2 where there is no such file
 */
export async function findSources(
  given: readonly string[],
  { cwd, exclude }: { cwd: string; exclude: readonly Exclusion[] },
): Promise<Sources> {
  const search = new Search(cwd, new IgnoreRules(cwd, exclude));
  for (const name of given) await search.add(name);
  return search.found();
}

class Search {
  private readonly files = new Map<string, SourceFile>();
  private readonly notes: string[] = [];
  private readonly unreadable: UnreadDocument[] = [];
  private stdin = false;

  constructor(
    private readonly cwd: string,
    private readonly rules: IgnoreRules,
  ) {}

  async add(name: string): Promise<void> {
    if (name === STDIN) {
      this.stdin = true;
      return;
    }
    // An unset variable of a script: the whole folder is not what was meant.
    if (name === '') throw new CliError('a path is empty', 2);
    const file = resolve(this.cwd, name);
    const found = statOf(file, name);
    if (found?.isDirectory() === true) return this.walk(file);
    if (found !== undefined) return this.take(file, true);
    if (!GLOB.test(name)) throw new CliError(`${name}: there is no such file or folder`, 2);
    await this.expand(name);
  }

  found(): Sources {
    const files = [...this.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files, stdin: this.stdin, unreadable: this.unreadable, notes: this.notes };
  }

  private async expand(pattern: string): Promise<void> {
    const { glob } = await import('tinyglobby');
    const matched = await glob(pattern.replaceAll('\\', '/'), {
      cwd: this.cwd,
      onlyFiles: false,
      expandDirectories: false,
      followSymbolicLinks: false,
      ignore: ['**/node_modules/**'],
    });
    if (matched.length === 0) this.notes.push(`${pattern}: nothing matches`);
    for (const name of matched) {
      const file = resolve(this.cwd, name);
      const found = statOf(file, name);
      if (found?.isDirectory() === true) this.walk(file);
      else if (found?.isFile() === true) this.take(file, false);
    }
  }

  private take(file: string, named: boolean): void {
    if (this.rules.leavesOut(file, false)) {
      if (named) this.notes.push(`${this.pathOf(file)}: left out by .bylawignore or --exclude`);
      return;
    }
    const before = this.files.get(file);
    this.files.set(file, { path: this.pathOf(file), file, named: named || before?.named === true });
  }

  private walk(folder: string): void {
    for (const entry of this.entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || NEVER.has(entry.name)) continue;
      if (entry.isDirectory()) {
        if (!this.rules.leavesOut(path, true)) this.walk(path);
      } else if (isManifestPath(entry.name) && isFile(entry, path)) this.take(path, false);
    }
  }

  private entriesOf(folder: string): Dirent[] {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      this.unreadable.push(unreadable(this.pathOf(folder), error));
      return [];
    }
  }

  private pathOf(file: string): string {
    return relative(this.cwd, file).split(sep).join('/') || '.';
  }
}

/**
 * @param name as it was given
 * @returns undefined where there is nothing
 */
function statOf(file: string, name: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new CliError(`${name}: ${(error as Error).message}`, 2);
  }
}

/** A link to a file is one; a link to a folder may lead back to where we came from. */
function isFile(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return statSync(realpathSync(path)).isFile();
  } catch {
    return false;
  }
}
