import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {
  CheckResult,
  CompilerAnswer,
  CompilerCall,
  CompileProblem,
  CompileRequest,
  CompileResult,
  CompilerVersions,
  FormattedFile,
  GoEvaluation,
  TestRunResult,
} from './compiler-protocol.js';
import { BusyError } from './busy-error.js';
import { requestProblems } from './compiler-limits.js';
import { FairQueue } from './fair-queue.js';
import type { LibrarySource, TestSource } from './policy.js';
import { reachedLibrary, sourceDigest } from './source-digest.js';

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
  /** The most memory that the child's compiler may take, in bytes; 1.5 GiB unless given. What needs more ends the child. */
  memoryMaxBytes?: number;
  /** How many calls of one owner may wait; as many as there are unless given. */
  waitingMax?: number;
  /** The program to fork; the compiler unless given. */
  child?: URL;
}

/** Of one call. */
export interface CallOptions {
  /** Whose call it is: waiting calls are taken round robin by owner. */
  owner?: string;
  /** The child is ended where the call takes longer, in milliseconds; the compiler's `timeoutMs` unless given. */
  timeoutMs?: number;
}

const DEFAULT_MEMORY_MAX_BYTES = 1536 * 1024 * 1024;

interface Waiting {
  /** The call as JSON. */
  request: string;
  timeoutMs: number;
  resolve(answer: CompilerAnswer): void;
  reject(error: Error): void;
}

/** Whose calls they are of which nothing is said. */
const NOBODY = '';

/** Compiles, checks, tests and evaluates Rego by OPA's own code in a child process, one call at a time, owners in turns. */
export class RegoCompiler {
  private readonly queue = new FairQueue();
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private readonly idleMs: number;
  private readonly timeoutMs: number;
  private readonly memoryMaxBytes: number;
  private readonly waitingMax: number;
  private readonly program: URL;
  private current: Waiting | undefined;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ready = false;
  private closed = false;

  constructor(options: RegoCompilerOptions = {}) {
    this.idleMs = options.idleMs ?? 60_000;
    this.timeoutMs = options.timeoutMs ?? 60_000;
    this.memoryMaxBytes = options.memoryMaxBytes ?? DEFAULT_MEMORY_MAX_BYTES;
    this.waitingMax = options.waitingMax ?? Number.POSITIVE_INFINITY;
    this.program = options.child ?? new URL('./compiler-child.js', import.meta.url);
  }

  /**
   * Makes one WASM module of all policies.
   * @returns the module and what it needs, or every error at its author's place
   * @throws CompilerCrashError, BusyError
   */
  async compile(request: CompileRequest, options: CallOptions = {}): Promise<CompileResult> {
    const answer = await this.ask('compile', request, options);
    const { wasm } = answer;
    return { ...checked(request, answer), ...(wasm === undefined ? {} : { wasm: Buffer.from(wasm, 'base64') }) };
  }

  /**
   * The errors and the metadata, without a module: some ten milliseconds for one policy.
   * @throws CompilerCrashError, BusyError
   */
  async check(request: CompileRequest, options: CallOptions = {}): Promise<CheckResult> {
    return checked(request, await this.ask('check', request, options));
  }

  /**
   * Runs `test_` rules on the policies as their authors wrote them.
   * @param request `coverage`: which rows they reach, which takes several times as long
   * @throws CompilerCrashError, BusyError
   */
  async test(
    request: CompileRequest & { tests: TestSource[]; coverage?: boolean },
    options: CallOptions = {},
  ): Promise<TestRunResult> {
    const { ok, errors, tests = [], coverage = [] } = await this.ask('test', request, options);
    return { ok, errors, tests, coverage };
  }

  /**
   * Writes files as `opa fmt` does.
   * @returns those that can be parsed, and what is wrong with the others
   * @throws CompilerCrashError, BusyError
   */
  async format(
    request: CompileRequest & { tests?: TestSource[] },
    options: CallOptions = {},
  ): Promise<{ errors: CompileProblem[]; files: FormattedFile[] }> {
    const { errors, formatted = [] } = await this.ask('format', request, options);
    return { errors, files: formatted };
  }

  /**
   * Answers a query by OPA's Go evaluator on the compiled policies.
   * @param request `query`: `data.bylaw_entry.verdicts` unless given; `explain`: adds the trace to the output, which is
   * cut at 256 KiB
   * @throws CompilerCrashError, BusyError
   */
  async evaluate(
    request: CompileRequest & { input?: unknown; query?: string; explain?: boolean },
    options: CallOptions = {},
  ): Promise<GoEvaluation> {
    const { ok, errors, defined = false, result, output = '' } = await this.ask('eval', request, options);
    return { ok, errors, defined, output, ...(result === undefined ? {} : { result }) };
  }

  /**
   * Starts the process ahead of work that is likely to come: its first call takes a second longer than the others.
   * @param lib what policies will be compiled with
   */
  warmUp(lib: LibrarySource[]): void {
    if (this.child !== undefined || this.closed) return;
    // Whoever comes next is told what is wrong.
    this.check({ lib, policies: [] }).catch(() => undefined);
  }

  /** Which OPA and Go are inside, and which functions policies may call. */
  async versions(): Promise<CompilerVersions> {
    return (await this.call({ op: 'version' }, {})).result as CompilerVersions;
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

  private async ask(
    op: CompilerCall['op'],
    request: CompileRequest & { tests?: TestSource[] },
    options: CallOptions,
  ): Promise<CompilerAnswer> {
    const errors = requestProblems(request);
    if (errors.length > 0) return { ok: false, errors };
    return this.call({ op, ...request, lib: neededLibrary(request) }, options);
  }

  private async call(call: CompilerCall, options: CallOptions): Promise<CompilerAnswer> {
    const { owner = NOBODY, timeoutMs = this.timeoutMs } = options;
    if (this.closed) throw new CompilerCrashError('the Rego compiler was closed');
    const before = this.queue.waiting(owner);
    if (before >= this.waitingMax) throw new BusyError(before);
    return new Promise((resolve, reject) => {
      this.waiting.set((this.lastId += 1), { request: JSON.stringify(call), timeoutMs, resolve, reject });
      this.queue.push(owner, this.lastId);
      this.next();
    });
  }

  private next(): void {
    if (this.current !== undefined) return;
    clearTimeout(this.timer);
    if (this.waiting.size === 0) {
      this.timer = setTimeout(() => this.endChild(), this.idleMs).unref();
      this.child?.unref();
      this.child?.channel?.unref();
      return;
    }
    this.child ??= this.startChild();
    this.child.ref();
    this.child.channel?.ref();
    if (!this.ready) return;
    const next = this.takeNext();
    this.current = next;
    if (next === undefined) return;
    this.child.send({ id: 0, request: next.request });
    this.timer = setTimeout(() => this.crash(`it did not answer within ${next.timeoutMs} ms`), next.timeoutMs);
  }

  private takeNext(): Waiting | undefined {
    const id = this.queue.take(() => true)?.id ?? 0;
    const next = this.waiting.get(id);
    this.waiting.delete(id);
    return next;
  }

  private startChild(): ChildProcess {
    const child = fork(fileURLToPath(this.program), [String(this.memoryMaxBytes)], {
      // V8's fast calls into node:wasi end the process at random with the compiler's many small reads (seen on Node 20.20).
      execArgv: ['--disable-warning=ExperimentalWarning', '--no-turbo-fast-api-calls'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString('utf8')).slice(0, 2000);
    });
    child.on('message', (message: { ready?: true; answer?: string }) => {
      if (this.child === child) this.receive(message);
    });
    child.on('exit', (code, signal) => {
      if (this.child === child) this.crash(this.causeOfDeath(String(signal ?? code), complaints.trim()));
    });
    child.on('error', (error) => {
      if (this.child === child) this.crash(error.message);
    });
    return child;
  }

  /** What Go and Node write when they die begins with the reason; the stack below is nobody's to read. */
  private causeOfDeath(status: string, complaints: string): string {
    const cause = `its process ended (${status})`;
    if (/out of memory|cannot allocate memory/i.test(complaints)) {
      return `${cause}: it needed more than ${Math.floor(this.memoryMaxBytes / 2 ** 20)} MiB of memory`;
    }
    return complaints === '' ? cause : `${cause}: ${complaints.slice(0, 500)}`;
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
    const failed = [...(this.current === undefined ? [] : [this.current]), ...this.waiting.values()];
    this.current = undefined;
    this.waiting.clear();
    this.queue.clear();
    for (const { reject } of failed) reject(error);
  }

  private endChild(): void {
    clearTimeout(this.timer);
    this.child?.kill('SIGKILL');
    this.child = undefined;
    this.ready = false;
  }
}

/**
 * What an organization's own policies don't reach of the library need not be read again for each of them; who works on the
 * library itself hears of every file.
 */
function neededLibrary({ lib, policies }: CompileRequest): LibrarySource[] {
  const own = policies.length > 0 && policies.every(({ own_package: isOwn }) => isOwn === true);
  return own ? reachedLibrary(lib, policies) : lib;
}

function checked({ lib, policies: sources }: CompileRequest, answer: CompilerAnswer): CheckResult {
  const { ok, errors, policies = [], builtins = [] } = answer;
  const bySlug = new Map(sources.map((source) => [source.slug, source]));
  const digestOf = ({ slug, file }: { slug: string; file: string }): string =>
    sourceDigest(lib, bySlug.get(slug) ?? { file, source: '' });
  const digested = policies.map((policy) => Object.assign(policy, { source_digest: digestOf(policy) }));
  return { ok, errors, policies: ok ? digested : [], builtins };
}
