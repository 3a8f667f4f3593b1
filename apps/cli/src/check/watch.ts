import { basename, dirname, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { watch } from 'chokidar';
import { isManifestPath } from '#kube';
import { CliError } from '../cli-error.js';
import { check } from './check.js';
import type { CheckSettings } from './settings.js';
import { STDIN } from './sources.js';

/** Editors write a file in several steps, and a checkout many files: what comes within is one change. */
const SETTLES_MS = 150;

/**
 * `bylaw check --watch`: checks now, and whenever a manifest, a policy or what is left out changes, until it is interrupted.
 * @param settings what was asked for
 * @throws CliError 2 where there is nothing that could change
 */
export async function watchAndCheck(settings: CheckSettings): Promise<void> {
  if (settings.paths.includes(STDIN)) throw new CliError('--watch: standard input does not change; name files', 2);
  const { cwd, outputs } = settings;
  const written = new Set(outputs.flatMap(({ file }) => (file === undefined ? [] : [resolve(cwd, file)])));
  const isWatched = (path: string): boolean => isRelevant(path) && !written.has(resolve(cwd, path));
  const watcher = watch(
    [...settings.paths, ...settings.policyFolders].map((path) => watchable(resolve(cwd, path))),
    {
      ignoreInitial: true,
      ignored: (path) => basename(path) === 'node_modules' || isHidden(path),
    },
  );
  const ended = new Promise<void>((resolveEnd) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolveEnd);
  });
  const looks = new Looks(settings);
  watcher.on('all', (_event, path) => {
    if (isWatched(path)) looks.ask();
  });
  await new Promise<void>((ready) => watcher.once('ready', () => ready()));
  looks.ask();
  await ended;
  await watcher.close();
  await looks.end();
}

/** One look after another; what changes meanwhile asks for one more. */
class Looks {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;

  constructor(private readonly settings: CheckSettings) {}

  ask(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), SETTLES_MS);
  }

  async end(): Promise<void> {
    clearTimeout(this.timer);
    this.again = false;
    await this.running;
  }

  private next(): void {
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.running = this.look().finally(() => {
      this.running = undefined;
      if (this.again) this.ask();
      this.again = false;
    });
  }

  /** What is wrong now may be right with the next change. */
  private async look(): Promise<void> {
    try {
      await check(this.settings);
    } catch (error) {
      const message = error instanceof CliError ? error.message : String(error);
      if (message !== '') process.stderr.write(`bylaw: ${message}\n`);
    }
    if (!this.settings.quiet) process.stderr.write('bylaw: watching for changes; Ctrl-C ends\n');
  }
}

/** Of a glob, and of what is not there yet, the nearest folder that is. */
function watchable(path: string): string {
  return existsSync(path) ? path : watchable(dirname(path));
}

function isRelevant(path: string): boolean {
  return isManifestPath(path) || path.endsWith('.rego') || basename(path) === '.bylawignore';
}

function isHidden(path: string): boolean {
  const name = basename(path);
  return name.startsWith('.') && name !== '.' && name !== '.bylawignore';
}
