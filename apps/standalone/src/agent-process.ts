import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../cli/src/main.js', import.meta.url));
const ENDS_WITHIN_MS = 5_000;

/** The real agent, as a process of its own: `bylaw agent`. */
export class AgentProcess {
  private constructor(private readonly child: ChildProcess) {}

  /**
   * @param args of `bylaw agent`
   * @param onLine what it says, line by line
   */
  static start(args: string[], onLine: (line: string) => void): AgentProcess {
    // Its own process group: Ctrl-C reaches us alone, and we end it. The channel tells it where we were killed.
    const child = spawn(process.execPath, [CLI, 'agent', ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    let rest = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onLine(line);
    });
    return new AgentProcess(child);
  }

  /** Ends the agent; by force where it does not end by itself. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), ENDS_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }
}
