import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../cli/src/main.js', import.meta.url));
const ENDS_WITHIN_MS = 5_000;
const FIRST_RESTART_MS = 500;
const LAST_RESTART_MS = 30_000;
/** `bylaw agent` can't do what it was asked to (API.md): starting it again would change nothing. */
const COULD_NOT = 2;

/** The real agent, as a process of its own: `bylaw agent`. One that dies is started again. */
export class AgentProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private deaths = 0;
  private stopping = false;
  private refused = false;

  private constructor(
    private readonly args: readonly string[],
    private readonly onLine: (line: string) => void,
  ) {}

  /**
   * @param args of `bylaw agent`
   * @param onLine what it says, line by line
   */
  static start(args: string[], onLine: (line: string) => void): AgentProcess {
    const agent = new AgentProcess(args, onLine);
    agent.launch();
    return agent;
  }

  /** Whether it ended because it can't do its work; it said why. */
  get hasGivenUp(): boolean {
    return this.refused;
  }

  /** Ends the agent; by force where it does not end by itself. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  private launch(): void {
    // Its own process group: Ctrl-C reaches us alone, and we end it. The channel tells it where we were killed.
    const child = spawn(process.execPath, [CLI, 'agent', ...this.args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    let rest = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') this.onLine(line);
    });
    child.once('exit', (code, signal) => this.ended(code, signal));
  }

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.stopping) return;
    if (code === COULD_NOT) {
      this.refused = true;
      return;
    }
    const wait = Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** this.deaths++);
    this.onLine(`the agent ended (${signal ?? `exit code ${code}`}); started again in ${wait / 1_000} s`);
    this.timer = setTimeout(() => this.launch(), wait);
  }
}
