import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { readLibraryFolder, RegoCompiler } from '#engine';
import { CliError } from './cli-error.js';
import { describeProblems } from './policy-folder.js';

/** `bylaw policy fmt`: Rego as `opa fmt` writes it. */
export function fmtCommand(): Command {
  return new Command('fmt')
    .argument('<dir>', 'folder of policies')
    .description('write the Rego of a folder as `opa fmt` does')
    .option('--check', 'write nothing; exit 1 where something would be written')
    .action(fmt);
}

async function fmt(folder: string, { check }: { check?: boolean }): Promise<void> {
  const sources = await readLibraryFolder(resolve(folder)).catch((error: Error) => {
    throw new CliError(`${folder}: ${error.message}`, 2);
  });
  const compiler = new RegoCompiler();
  try {
    const { errors, files } = await compiler.format(sources);
    if (errors.length > 0) throw new CliError(`can't be read\n${describeProblems(errors)}`, 2);
    const before = new Map(
      [...sources.lib, ...sources.policies, ...sources.tests].map(({ file, source }) => [file, source]),
    );
    const changed = files.filter(({ file, source }) => before.get(file) !== source);
    for (const { file, source } of changed) {
      process.stdout.write(`${join(folder, file)}\n`);
      if (check !== true) await writeFile(join(resolve(folder), file), source);
    }
    if (check === true && changed.length > 0) throw new CliError('', 1);
  } finally {
    await compiler.close();
  }
}
