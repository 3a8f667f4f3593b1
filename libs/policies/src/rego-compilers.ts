import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  CompilerCrashError,
  readLibraryFolder,
  RegoCompiler,
  stockSourcesFolder,
  type CompileProblem,
  type LibrarySource,
} from '#engine';
import { AppError } from '#kernel';

/** How long an author's call may keep a compiler busy: what takes longer is cut off, for the others. */
export const AUTHORS_CALL = { timeoutMs: 10_000 };

/**
 * The processes that read and run Rego: one compiles, the other evaluates for authors, so that whoever evaluates
 * something endless keeps nobody from compiling. Each ends by itself when idle.
 */
@Injectable()
export class RegoCompilers implements OnApplicationShutdown {
  readonly compiler = new RegoCompiler();
  readonly evaluator = new RegoCompiler(AUTHORS_CALL);
  private shared: Promise<LibrarySource[]> | undefined;

  /** The shared library that policies may import. */
  lib(): Promise<LibrarySource[]> {
    this.shared ??= readLibraryFolder(stockSourcesFolder()).then(({ lib }) => lib);
    return this.shared;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.compiler.close(), this.evaluator.close()]);
  }
}

/**
 * Carries out an author's call; a compiler that it brought down is the author's error, and the next call has a new one.
 * @throws AppError `unprocessable`
 */
export async function asAuthor<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
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
