import { CliError } from '../cli-error.js';
import type { LocalModule } from './local-engines.js';

/**
 * Compiles folders of own policies, each with the library that it sees.
 * @param folders as they were named
 * @returns a module of each
 * @throws CliError 2 where one does not compile, or two have a policy of the same name
 */
export async function ownPolicies(folders: readonly string[]): Promise<LocalModule[]> {
  if (folders.length === 0) return [];
  // The compiler is the longest to start: who judges by the library alone has nothing of it.
  const [{ RegoCompiler }, { compileSources, readPolicyFolder }] = await Promise.all([
    import('#engine'),
    import('../policy-folder.js'),
  ]);
  const compiler = new RegoCompiler();
  try {
    const modules: LocalModule[] = [];
    for (const folder of folders) modules.push(await compileSources(await readPolicyFolder(folder), compiler));
    const slugs = modules.flatMap(({ policies }) => policies.map(({ slug }) => slug));
    const twin = slugs.find((slug, index) => slugs.indexOf(slug) !== index);
    if (twin !== undefined) throw new CliError(`two folders have a policy ${twin}: give one another name`, 2);
    return modules;
  } finally {
    await compiler.close();
  }
}
