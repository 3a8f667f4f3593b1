import { spawn, type ChildProcess } from 'node:child_process';

/** Blocks that `ulimit -f` counts in. */
const BLOCK_BYTES = 512;
const STDERR_MAX = 8_000;

/** The repository, or the way to it, is not as it has to be. `message` is for the tenant, and holds no secret. */
export class GitProblem extends Error {
  /** @param kind `missing`: there is no git here; `gone`: what was asked for is not there; `slow`, `large`: beyond a limit; `harmful`: git itself refuses it */
  constructor(
    readonly kind: 'missing' | 'refused' | 'gone' | 'slow' | 'large' | 'harmful',
    message: string,
  ) {
    super(message);
  }
}

/** How one call of git is held. */
export interface GitCall {
  cwd: string;
  env: Record<string, string>;
  /** Milliseconds; then it and all that it started is ended. */
  deadlineMs: number;
  /** The most bytes of its output. */
  maxBytes: number;
  /** The most bytes of any file that it writes. */
  maxFileBytes: number;
  input?: string;
  /** Ends it too. */
  signal?: AbortSignal;
}

/** Git ended with another exit code than 0; what it said is for us alone to read. */
export class GitFailed extends Error {
  constructor(
    readonly code: number | null,
    readonly said: string,
  ) {
    super('git failed');
  }
}

/**
 * Runs git as a child in a group of its own, so that its helpers end with it. The kernel holds its files to their size,
 * whatever a server sends.
 * @param args without secrets: anybody may list them
 * @returns its output
 * @throws GitProblem, GitFailed, and the signal's reason
 */
export async function runGit(args: readonly string[], call: GitCall): Promise<Buffer> {
  call.signal?.throwIfAborted();
  const limit = String(Math.ceil(call.maxFileBytes / BLOCK_BYTES));
  const child = spawn('/bin/sh', ['-c', 'ulimit -f "$0" && exec git "$@"', limit, ...args], {
    cwd: call.cwd,
    env: call.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Promise<Buffer>((resolve, reject) => new Running(child, call, resolve, reject).begin());
}

/** One call, from its start to its end, however that comes. */
class Running {
  private readonly output: Buffer[] = [];
  private bytes = 0;
  private said = '';
  private ended: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly abort = (): void => this.end(this.call.signal?.reason as Error);

  constructor(
    private readonly child: ChildProcess,
    private readonly call: GitCall,
    private readonly resolve: (output: Buffer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  begin(): void {
    const { child, call } = this;
    this.timer = setTimeout(
      () => this.end(new GitProblem('slow', `Git did not end within ${call.deadlineMs / 1_000} seconds.`)),
      call.deadlineMs,
    );
    call.signal?.addEventListener('abort', this.abort);
    child.stdout?.on('data', (chunk: Buffer) => this.take(chunk));
    child.stderr?.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-STDERR_MAX)));
    child.once('error', (error) => this.settle(error));
    child.once('close', (code) => this.settle(this.ended ?? this.outcome(code)));
    // One that ends early does not read what it is given.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(call.input ?? '');
  }

  private take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.call.maxBytes)
      this.end(new GitProblem('large', `Git answers more than ${this.call.maxBytes} bytes.`));
    else this.output.push(chunk);
  }

  private outcome(code: number | null): Error | undefined {
    if (code === 0) return undefined;
    if (code === 127)
      return new GitProblem('missing', 'There is no git where Bylaw’s worker runs: install 2.37 or newer.');
    return new GitFailed(code, this.said);
  }

  /** Ends the whole group: git's own helpers hold the connection. */
  private end(why: Error): void {
    this.ended ??= why;
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // It has ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  private settle(error: Error | undefined): void {
    clearTimeout(this.timer);
    this.call.signal?.removeEventListener('abort', this.abort);
    if (error === undefined) this.resolve(Buffer.concat(this.output));
    else this.reject(error);
  }
}
