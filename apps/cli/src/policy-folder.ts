import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ModuleEvaluator,
  readFixtures,
  readLibraryFolder,
  RegoCompiler,
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
 * Reads and compiles a folder of policies: `lib/*.rego`, `<slug>/policy.rego`, `<slug>/fixtures/`.
 * @param given the folder as it was named
 * @param compiler ended by the caller
 * @throws CliError where there is none, or where it does not compile: every error with its place
 */
export async function compileFolder(given: string, compiler: RegoCompiler): Promise<CompiledFolder> {
  const folder = resolve(given);
  if (!existsSync(folder)) throw new CliError(`${given}: there is no such folder`, 2);
  const sources = await readLibraryFolder(folder);
  if (sources.policies.length === 0)
    throw new CliError(`${given}: no policy in it; each lies in a folder of its own, as <slug>/policy.rego`, 2);
  const { wasm, policies, errors } = await compiler.compile(sources);
  if (wasm === undefined) throw new CliError(`does not compile\n${describeProblems(errors)}`, 2);
  const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm));
  const withFixtures = policies.map(async (policy) => ({
    policy,
    fixtures: await readFixtures(join(folder, policy.slug)),
  }));
  return { sources, policies: await Promise.all(withFixtures), evaluate: (request) => evaluator.evaluate(request) };
}

/** @returns one line an error: file, row, column, what is wrong */
export function describeProblems(problems: readonly CompileProblem[]): string {
  return problems.map(({ file, row, col, message }) => `  ${file}:${row}:${col}: ${message}`).join('\n');
}
