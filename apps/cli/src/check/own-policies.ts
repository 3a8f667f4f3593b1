import { canonicalJson, sha256Hex, VERSION } from '#kernel';
import { compilerDigest, ENGINE_ABI, type LibraryFolder, RegoCompiler } from '#engine';
import { CliError } from '../cli-error.js';
import { compileSources, readPolicyFolder } from '../policy-folder.js';
import type { LocalModule } from './local-engines.js';
import type { ModuleCache } from './module-cache.js';

/**
 * Compiles folders of own policies, each with the library that it sees.
 * @param folders as they were named
 * @param cache of what was compiled before
 * @returns a module of each
 * @throws CliError 2 where one does not compile, or two have a policy of the same name
 */
export async function ownPolicies(folders: readonly string[], cache: ModuleCache | undefined): Promise<LocalModule[]> {
  // Its process starts with the first call: the longest of all, and often nobody has to wait for it.
  const compiler = new RegoCompiler();
  try {
    const modules: LocalModule[] = [];
    for (const folder of folders) {
      const sources = await readPolicyFolder(folder);
      const compile = (): Promise<LocalModule> => compileSources(sources, compiler);
      modules.push(await (cache === undefined ? compile() : cache.getOrMake(keyOf(sources), compile)));
    }
    const slugs = modules.flatMap(({ policies }) => policies.map(({ slug }) => slug));
    const twin = slugs.find((slug, index) => slugs.indexOf(slug) !== index);
    if (twin !== undefined) throw new CliError(`two folders have a policy ${twin}: give one another name`, 2);
    return modules;
  } finally {
    await compiler.close();
  }
}

/** @returns SHA-256 of all that a module is made of: sources, their places, the compiler, and what the engine expects of it */
function keyOf({ lib, policies }: LibraryFolder): string {
  return sha256Hex(canonicalJson({ abi: ENGINE_ABI, release: VERSION, compiler: compilerDigest(), lib, policies }));
}
