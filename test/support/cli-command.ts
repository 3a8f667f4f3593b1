import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command as it is built here. */
export const CLI = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface CommandOptions {
  cwd?: string;
  input?: string | Buffer;
  env?: Record<string, string>;
  /** The program; the one that is built here unless given. */
  program?: string;
}

/** Variables of the machine that the tests run on would change what commands do. */
const CLEARED = /^(?:BYLAW_|CI$|CI_|GITHUB_|GITLAB_|TF_BUILD|CIRCLE|JENKINS|FORCE_COLOR)/;
/** So would what its user has entered, and what earlier commands have left: there can be no such folder. */
const NOWHERE = '/dev/null/none';
export const HOMELESS = { XDG_CONFIG_HOME: NOWHERE, BYLAW_CACHE_DIR: NOWHERE };

/** Starts `bylaw` as a user does. */
export function startCli(args: readonly string[], { cwd, env = {}, program = CLI }: CommandOptions = {}): ChildProcess {
  const kept = Object.entries(process.env).filter(([name]) => !CLEARED.test(name));
  return spawn(process.execPath, ['--no-warnings', program, ...args], {
    cwd,
    env: { ...Object.fromEntries(kept), ...HOMELESS, NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs `bylaw` to its end. */
export function runCli(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const child = startCli(args, options);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.setEncoding('utf8').on('data', (text: string) => (said[stream] += text));
  // Who reads nothing closes it early.
  child.stdin?.on('error', () => undefined).end(options.input ?? '');
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, ...said })));
}

/** A folder of the test's own. */
export class TestFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'bylaw-cli-')));

  /** @param files by path */
  constructor(files: Record<string, string | Buffer> = {}) {
    this.write(files);
  }

  write(files: Record<string, string | Buffer>): void {
    for (const [name, content] of Object.entries(files)) {
      const file = join(this.path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
