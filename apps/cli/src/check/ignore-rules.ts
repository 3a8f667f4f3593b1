import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { CliError } from '../cli-error.js';
import type { Exclusion } from './settings.js';

const IGNORE_FILE = '.bylawignore';

/** What `.bylawignore` files and exclusions leave out, as git reads its `.gitignore`. */
export class IgnoreRules {
  private readonly byFolder = new Map<string, Ignore | undefined>();
  private readonly excluded: { folder: string; rules: Ignore }[];

  /**
   * @param root the working folder; files outside of it are subject to the rules beside them alone
   * @param exclude further patterns, each from its own folder on
   */
  constructor(
    private readonly root: string,
    exclude: readonly Exclusion[],
  ) {
    this.excluded = exclude.map(({ folder, patterns }) => ({ folder, rules: ignore().add(patterns) }));
  }

  /**
   * @param path absolute
   * @param isFolder a pattern that ends in a slash means folders alone
   * @throws CliError 2 where there are rules that can’t be read
   */
  leavesOut(path: string, isFolder: boolean): boolean {
    const tested = (from: string): string => relative(from, path).split(sep).join('/') + (isFolder ? '/' : '');
    const excludes = ({ folder, rules }: { folder: string; rules: Ignore }): boolean =>
      isWithin(folder, path) && rules.ignores(tested(folder));
    if (this.excluded.some(excludes)) return true;
    // The rules of a deeper folder come later: they can take in again what those above left out.
    let leftOut = false;
    for (const folder of this.foldersAbove(path)) {
      const answer = this.rulesOf(folder)?.test(tested(folder));
      if (answer?.ignored === true) leftOut = true;
      if (answer?.unignored === true) leftOut = false;
    }
    return leftOut;
  }

  private foldersAbove(path: string): string[] {
    const folders: string[] = [];
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      folders.unshift(folder);
      if (folder === this.root || !isWithin(this.root, folder)) return folders;
    }
  }

  private rulesOf(folder: string): Ignore | undefined {
    if (!this.byFolder.has(folder)) {
      const file = join(folder, IGNORE_FILE);
      this.byFolder.set(folder, existsSync(file) ? ignore().add(textOf(file)) : undefined);
    }
    return this.byFolder.get(folder);
  }
}

/** Without the rules, what is to be left out would be checked, and fixed. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`, 2);
  }
}

function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
