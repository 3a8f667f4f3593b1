import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { watch } from 'chokidar';
import { isManifestPath } from '#kube';
import { CliError } from '../cli-error.js';
import { check } from './check.js';
import type { CheckSettings } from './settings.js';
import { STDIN } from './sources.js';

/** Editors write a file in several steps, and a checkout many files: what comes within is one change. */
const SETTLES_MS = 150;

/**
 * `bylaw check --watch`: checks now, and whenever a manifest, a policy, a setting or what is left out changes, until it is
 * interrupted. What it looks at is what was named when it began.
 * @param read what is asked for, each time as `bylaw.yaml` then has it
 * @param config file of the settings, where there is one
 * @throws CliError 2 where there is nothing that could change
 */
export async function watchAndCheck(read: () => Promise<CheckSettings>, config: string | undefined): Promise<void> {
  const settings = await read();
  if (settings.paths.includes(STDIN)) throw new CliError('--watch: standard input does not change; name files', 2);
  const { cwd, outputs, paths, policyFolders } = settings;
  const written = new Set(outputs.flatMap(({ file }) => (file === undefined ? [] : [realPath(resolve(cwd, file))])));
  const watcher = watch(
    [...paths, ...policyFolders, ...(config === undefined ? [] : [config])].map((path) =>
      watchable(resolve(cwd, path)),
    ),
    {
      ignoreInitial: true,
      // As the search for files does it: a link may lead back to where it lies.
      followSymlinks: false,
      ignored: (path) => basename(path) === 'node_modules' || isHidden(path),
    },
  );
  const ended = new Promise<void>((resolveEnd) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolveEnd);
  });
  const looks = new Looks(read, settings.quiet);
  watcher.on('all', (_event, path) => {
    if (isRelevant(path) && !written.has(path)) looks.ask();
  });
  watcher.on('error', (error) => process.stderr.write(`bylaw: not watched: ${(error as Error).message}\n`));
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

  constructor(
    private readonly read: () => Promise<CheckSettings>,
    private readonly quiet: boolean,
  ) {}

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
      await check(await this.read());
    } catch (error) {
      const message = error instanceof CliError ? error.message : String(error);
      if (message !== '') process.stderr.write(`bylaw: ${message}\n`);
    }
    if (!this.quiet) process.stderr.write('bylaw: watching for changes; Ctrl-C ends\n');
  }
}

/** Of a glob, and of what is not there yet, the nearest folder that is; where a link leads, since none is followed. */
function watchable(path: string): string {
  return existsSync(path) ? realpathSync(path) : watchable(dirname(path));
}

/** As a watcher names a file that may not be there yet. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(watchable(dirname(path)), basename(path));
}

function isRelevant(path: string): boolean {
  return isManifestPath(path) || path.endsWith('.rego') || basename(path) === '.bylawignore';
}

function isHidden(path: string): boolean {
  const name = basename(path);
  return name.startsWith('.') && name !== '.' && name !== '.bylawignore';
}
