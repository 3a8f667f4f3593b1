import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ModuleEvaluator,
  readFixtures,
  readLibraryFolder,
  RegoCompiler,
  stockSourcesFolder,
  type CompileProblem,
  type EvaluateNow,
  type Fixture,
  type LibraryFolder,
  type PolicyInfo,
} from '#engine';
import { CliError } from './cli-error.js';

/** A folder of policies, compiled. */
export interface CompiledFolder {
  sources: LibraryFolder;
  policies: { policy: PolicyInfo; fixtures: Fixture[] }[];
  evaluate: EvaluateNow;
}

/**
 * Reads a folder of policies: `<slug>/policy.rego`, the `_test.rego` beside it, `<slug>/fixtures/`. Where it has a `lib/` of its
 * own it is a library; else its policies see the one that comes with the platform, from whatever package they are written in.
 * @param given the folder as it was named
 * @throws CliError 2 where there is none, or nothing in it
 */
export async function readPolicyFolder(given: string): Promise<LibraryFolder> {
  const folder = resolve(given);
  if (!existsSync(folder)) throw new CliError(`${given}: there is no such folder`, 2);
  const sources = await readLibraryFolder(folder);
  if (sources.policies.length === 0)
    throw new CliError(`${given}: no policy in it; each lies in a folder of its own, as <slug>/policy.rego`, 2);
  if (sources.lib.length > 0) return sources;
  const { lib } = await readLibraryFolder(stockSourcesFolder());
  return { ...sources, lib, policies: sources.policies.map((policy) => ({ ...policy, own_package: true as const })) };
}

/**
 * Reads and compiles a folder of policies.
 * @param given the folder as it was named
 * @param compiler ended by the caller
 * @throws CliError where there is none, or where it does not compile: every error with its place
 */
export async function compileFolder(given: string, compiler: RegoCompiler): Promise<CompiledFolder> {
  const folder = resolve(given);
  const sources = await readPolicyFolder(given);
  const { wasm, policies } = await compileSources(sources, compiler);
  const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm));
  const withFixtures = policies.map(async (policy) => ({
    policy,
    fixtures: await readFixtures(join(folder, policy.slug)),
  }));
  return { sources, policies: await Promise.all(withFixtures), evaluate: (request) => evaluator.evaluate(request) };
}

/**
 * @param sources of policies and the library that they see
 * @param compiler ended by the caller
 * @returns their module
 * @throws CliError 2 where they do not compile: every error with its place
 */
export async function compileSources(
  sources: Pick<LibraryFolder, 'lib' | 'policies'>,
  compiler: RegoCompiler,
): Promise<{ wasm: Uint8Array; policies: PolicyInfo[] }> {
  const { wasm, policies, errors } = await compiler.compile(sources);
  if (wasm === undefined) throw new CliError(`does not compile\n${describeProblems(errors)}`, 2);
  return { wasm, policies };
}

/** @returns one line an error: file, row, column, what is wrong */
export function describeProblems(problems: readonly CompileProblem[]): string {
  return problems.map(({ file, row, col, message }) => `  ${file}:${row}:${col}: ${message}`).join('\n');
}
