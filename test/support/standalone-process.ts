import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '#testing';
import { TestClient } from './test-client.js';

const MAIN = fileURLToPath(new URL('../../apps/standalone/src/main.js', import.meta.url));
const READY_WITHIN_MS = 45_000;
/** Table and worst violations, to the empty line that closes them. */
const SHOWN = /┘[^]*The worst violations\n[^]*\n\n$/;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartOptions {
  /** Arguments of `npm start --`. */
  args?: readonly string[];
  env?: Record<string, string>;
}

/** A place for one platform's data and manifests, and everything that was started in it. */
export class StandaloneFolder {
  readonly root: string;
  private readonly started: StandaloneProcess[] = [];

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'bylaw-start-'));
    // Where the tests run as root, Postgres runs as somebody else, who has to get here.
    chmodSync(this.root, 0o711);
  }

  get dataDir(): string {
    return join(this.root, 'data');
  }

  /** Writes a file below the folder. @returns its absolute path */
  write(path: string, text: string): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Starts the platform: a free port, its data here. */
  start(options: StartOptions = {}): StandaloneProcess {
    const child = StandaloneProcess.spawn(this.dataDir, options);
    this.started.push(child);
    return child;
  }

  /** @returns the embedded server's process id and port, as it wrote them itself */
  postgres(): { pid: number; port: number } {
    const [pid, , , port] = readFileSync(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(pid), port: Number(port) };
  }

  /** Superuser's connection to the embedded database. */
  databaseUrl(): string {
    const password = readFileSync(join(this.dataDir, 'postgres.password'), 'utf8').trim();
    return `postgres://bylaw_root:${password}@127.0.0.1:${this.postgres().port}/bylaw`;
  }

  /** Ends whatever is left, and removes the folder. */
  async remove(): Promise<void> {
    for (const child of this.started) await child.kill();
    if (existsSync(join(this.dataDir, 'postgres', 'postmaster.pid'))) {
      const { pid } = this.postgres();
      if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
      await eventually(async () => !isAlive(pid), 'Postgres to end');
    }
    // An agent that has just lost its parent may still be closing what it had open.
    await eventually(async () => {
      rmSync(this.root, { recursive: true, force: true });
      return true;
    }, 'nobody to write into the folder any more');
  }
}

/** `npm start`, once everything is built. */
export class StandaloneProcess {
  readonly exit: Promise<Exit>;
  out = '';
  err = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly dataDir: string,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.exit = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  }

  static spawn(dataDir: string, { args = [], env = {} }: StartOptions): StandaloneProcess {
    const plain = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(BYLAW_|DATABASE_|REDIS_|LOG_|PORT$)/.test(name)),
    );
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...plain, NO_COLOR: '1', PORT: '0', BYLAW_DATA_DIR: dataDir, LOG_LEVEL: 'error', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new StandaloneProcess(child, dataDir);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** @returns its base URL, once it says that it is ready */
  async url(): Promise<string> {
    return this.until(() => /Bylaw is ready at (\S+)/.exec(this.out)?.[1], 'the platform to be ready');
  }

  /** @returns what it printed, once the table and the worst violations are there */
  async table(): Promise<string> {
    return this.until(() => (SHOWN.test(this.out) ? this.out : undefined), 'the table');
  }

  /** @returns a client with the owner's key, once it is ready */
  async owner(): Promise<TestClient> {
    const url = await this.url();
    return new TestClient(url, readFileSync(join(this.dataDir, 'owner.key'), 'utf8').trim());
  }

  /** @returns the ids of its children: Postgres and agents */
  children(): { pid: number; command: string }[] {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
    return stdout.split('\n').flatMap((line) => {
      const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === this.pid && !command.startsWith('ps ') ? [{ pid: Number(pid), command }] : [];
    });
  }

  /** @returns the id of the agent that supplies a folder */
  agentPid(): number {
    const agent = this.children().find(({ command }) => command.includes(' agent '));
    if (agent === undefined) throw new Error('there is no agent');
    return agent.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it as a fault would; nothing where it has ended. */
  async kill(): Promise<Exit> {
    this.child.kill('SIGKILL');
    return this.exit;
  }

  private async until<Value>(look: () => Value | undefined, what: string): Promise<Value> {
    const ended = this.exit.then(({ code, signal }) => {
      throw new Error(`it ended with ${signal ?? code} while waiting for ${what}:\n${this.err}`);
    });
    return Promise.race([eventually(async () => look(), what, READY_WITHIN_MS) as Promise<Value>, ended]);
  }
}

/** Whether a process is there and is no zombie. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
