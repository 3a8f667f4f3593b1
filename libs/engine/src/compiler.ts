import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {
  CheckResult,
  CompilerAnswer,
  CompilerCall,
  CompileRequest,
  CompileResult,
  CompilerVersions,
  GoEvaluation,
  TestRunResult,
} from './compiler-protocol.js';
import type { TestSource } from './policy.js';
import { sourceDigest } from './source-digest.js';

/** The child that compiles went away, or took too long; the next call starts a new one. */
export class CompilerCrashError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CompilerCrashError';
  }
}

export interface RegoCompilerOptions {
  /** The child ends after this long without work, in milliseconds; 60,000 unless given. */
  idleMs?: number;
  /** A call that takes longer ends the child, in milliseconds; 60,000 unless given. */
  timeoutMs?: number;
  /** The program to fork; the compiler unless given. */
  child?: URL;
}

interface Waiting {
  call: CompilerCall;
  resolve(answer: CompilerAnswer): void;
  reject(error: Error): void;
}

/** Compiles, checks, tests and evaluates Rego by OPA's own code in a child process, one call at a time. */
export class RegoCompiler {
  private readonly waiting: Waiting[] = [];
  private readonly idleMs: number;
  private readonly timeoutMs: number;
  private readonly program: URL;
  private current: Waiting | undefined;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ready = false;
  private closed = false;

  constructor(options: RegoCompilerOptions = {}) {
    this.idleMs = options.idleMs ?? 60_000;
    this.timeoutMs = options.timeoutMs ?? 60_000;
    this.program = options.child ?? new URL('./compiler-child.js', import.meta.url);
  }

  /**
   * Makes one WASM module of all policies.
   * @returns the module and what it needs, or every error at its author's place
   * @throws CompilerCrashError
   */
  async compile(request: CompileRequest): Promise<CompileResult> {
    const answer = await this.call({ op: 'compile', ...request });
    const { wasm } = answer;
    return { ...checked(request, answer), ...(wasm === undefined ? {} : { wasm: Buffer.from(wasm, 'base64') }) };
  }

  /**
   * The errors and the metadata, without a module: some ten milliseconds for one policy.
   * @throws CompilerCrashError
   */
  async check(request: CompileRequest): Promise<CheckResult> {
    return checked(request, await this.call({ op: 'check', ...request }));
  }

  /**
   * Runs `test_` rules on the policies as their authors wrote them.
   * @throws CompilerCrashError
   */
  async test(request: CompileRequest & { tests: TestSource[] }): Promise<TestRunResult> {
    const { ok, errors, tests = [], coverage = [] } = await this.call({ op: 'test', ...request });
    return { ok, errors, tests, coverage };
  }

  /**
   * Answers a query by OPA's Go evaluator on the compiled policies.
   * @param request `query`: `data.bylaw_entry.verdicts` unless given; `explain`: adds the trace to the output
   * @throws CompilerCrashError
   */
  async evaluate(
    request: CompileRequest & { input?: unknown; query?: string; explain?: boolean },
  ): Promise<GoEvaluation> {
    const { ok, errors, defined = false, result, output = '' } = await this.call({ op: 'eval', ...request });
    return { ok, errors, defined, output, ...(result === undefined ? {} : { result }) };
  }

  /** Which OPA and Go are inside, and which functions policies may call. */
  async versions(): Promise<CompilerVersions> {
    return (await this.call({ op: 'version' })).result as CompilerVersions;
  }

  /** Ends the child; what was waiting is rejected. */
  async close(): Promise<void> {
    this.closed = true;
    const { child } = this;
    child?.ref();
    const gone = child === undefined ? undefined : new Promise((resolve) => child.once('exit', resolve));
    this.fail(new CompilerCrashError('the Rego compiler was closed'));
    await gone;
  }

  private call(call: CompilerCall): Promise<CompilerAnswer> {
    if (this.closed) return Promise.reject(new CompilerCrashError('the Rego compiler was closed'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ call, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== undefined) return;
    clearTimeout(this.timer);
    if (this.waiting.length === 0) {
      this.timer = setTimeout(() => this.endChild(), this.idleMs).unref();
      this.child?.unref();
      this.child?.channel?.unref();
      return;
    }
    this.child ??= this.startChild();
    this.child.ref();
    this.child.channel?.ref();
    if (!this.ready) return;
    this.current = this.waiting.shift();
    this.child.send({ id: 0, request: JSON.stringify(this.current?.call) });
    this.timer = setTimeout(() => {
      this.crash(`it did not answer within ${this.timeoutMs} ms`);
    }, this.timeoutMs);
  }

  private startChild(): ChildProcess {
    const child = fork(fileURLToPath(this.program), {
      // V8's fast calls into node:wasi end the process at random with the compiler's many small reads (seen on Node 20.20).
      execArgv: ['--disable-warning=ExperimentalWarning', '--no-turbo-fast-api-calls'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString('utf8')).slice(-2000);
    });
    child.on('message', (message: { ready?: true; answer?: string }) => {
      if (this.child === child) this.receive(message);
    });
    child.on('exit', (code, signal) => {
      if (this.child === child)
        this.crash(`its process ended (${signal ?? code})${complaints && `: ${complaints.trim()}`}`);
    });
    child.on('error', (error) => {
      if (this.child === child) this.crash(error.message);
    });
    return child;
  }

  private receive(message: { ready?: true; answer?: string }): void {
    if (message.ready) this.ready = true;
    const { current } = this;
    if (message.answer !== undefined && current !== undefined) {
      this.current = undefined;
      current.resolve(JSON.parse(message.answer) as CompilerAnswer);
    }
    this.next();
  }

  /** Only the call that was running fails; the others wait for the next child, unless there was none running. */
  private crash(cause: string): void {
    const error = new CompilerCrashError(`the Rego compiler crashed: ${cause}`);
    const { current } = this;
    if (current === undefined) return this.fail(error);
    this.endChild();
    this.current = undefined;
    current.reject(error);
    this.next();
  }

  private fail(error: Error): void {
    this.endChild();
    for (const { reject } of [...(this.current === undefined ? [] : [this.current]), ...this.waiting.splice(0)]) {
      reject(error);
    }
    this.current = undefined;
  }

  private endChild(): void {
    clearTimeout(this.timer);
    this.child?.kill('SIGKILL');
    this.child = undefined;
    this.ready = false;
  }
}

function checked({ lib, policies: sources }: CompileRequest, answer: CompilerAnswer): CheckResult {
  const { ok, errors, policies = [], builtins = [] } = answer;
  const bySlug = new Map(sources.map((source) => [source.slug, source]));
  const digestOf = ({ slug, file }: { slug: string; file: string }): string =>
    sourceDigest(lib, bySlug.get(slug) ?? { file, source: '' });
  const digested = policies.map((policy) => Object.assign(policy, { source_digest: digestOf(policy) }));
  return { ok, errors, policies: ok ? digested : [], builtins };
}
