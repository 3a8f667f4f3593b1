import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  BusyError,
  CompilerCrashError,
  readLibraryFolder,
  RegoCompiler,
  stockSourcesFolder,
  type CompileProblem,
  type LibrarySource,
} from '#engine';
import { AppError } from '#kernel';

/**
 * What an author's call may take: a compiler's time and memory, and places in its queue. What is larger is cut off, for
 * the others; a policy of the largest size takes half of it.
 */
const AUTHORS_CALL = { timeoutMs: 10_000, memoryMaxBytes: 768 * 1024 * 1024, waitingMax: 8 };
/** Until one of an author's calls will have been answered, in seconds. */
const RETRY_AFTER = 10;

/**
 * The processes that read and run Rego, each one call at a time and organizations in turns: one compiles for authors,
 * one evaluates for them, so that whoever evaluates something endless keeps nobody from compiling, and one makes the
 * modules that judge, which no author's call delays. Each starts when it is needed and ends after a minute without work.
 * While it compiles a process takes some 380 MB. All three together take 3 GiB at the very worst: 768 MiB each for
 * authors' calls, 1.5 GiB for a module, beyond which the process ends.
 */
@Injectable()
export class RegoCompilers implements OnApplicationShutdown {
  readonly authors = new RegoCompiler(AUTHORS_CALL);
  readonly evaluator = new RegoCompiler(AUTHORS_CALL);
  readonly modules = new RegoCompiler();
  private shared: Promise<LibrarySource[]> | undefined;

  /** The shared library that policies may import. */
  lib(): Promise<LibrarySource[]> {
    this.shared ??= readLibraryFolder(stockSourcesFolder()).then(({ lib }) => lib);
    return this.shared;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.authors.close(), this.evaluator.close(), this.modules.close()]);
  }
}

/**
 * Carries out an author's call; a compiler that it brought down is the author's error, and the next call has a new one.
 * @throws AppError `unprocessable`, `too_many_requests` where too many of the organization's calls wait
 */
export async function asAuthor<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof BusyError) {
      const detail = `${error.waiting} calls of this organization wait already: try again when one of them is answered.`;
      throw new AppError('too_many_requests', detail, { retryAfter: RETRY_AFTER, cause: error });
    }
    if (!(error instanceof CompilerCrashError)) throw error;
    throw new AppError('unprocessable', `The Rego could not be worked through: ${error.message}. Make it smaller.`, {
      cause: error,
    });
  }
}

/** @returns errors at the author's own rows and columns */
export function regoErrors(
  problems: readonly CompileProblem[],
): { row: number; col: number; code: string; message: string }[] {
  return problems.map(({ row, col, code, message }) => ({ row, col, code, message }));
}
