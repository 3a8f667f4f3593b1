import { Argument, Command } from 'commander';
import { loadStockLibrary } from '#engine';
import { FORMATS } from './check/output-formats.js';
import { type CommandEntry, loaded } from './command-entry.js';
import { COMPLETION_SHELLS, type CompletionShell, completionScript, type Completed } from './completion-scripts.js';
import { writeOut } from './write-out.js';

/**
 * `bylaw completion`: a script that a shell reads.
 * @param entries of all commands
 */
export function completionCommand(entries: readonly CommandEntry[]): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>').choices(COMPLETION_SHELLS))
    .addHelpText('after', '\nbash: source <(bylaw completion bash); zsh and fish: into a file that they read at start')
    .action(async (shell: CompletionShell) => {
      const commands = await Promise.all(entries.map((entry) => loaded(entry)));
      const { manifest } = await loadStockLibrary();
      const values = { '--set': manifest.sets.map(({ slug }) => slug), '--format': FORMATS };
      await writeOut(
        completionScript(
          shell,
          commands.flatMap((command) => completedOf(command, [], values)),
        ),
      );
    });
}

/** @param values of options that take one of a list, but for what the list does not know: a file, or a set of another release */
function completedOf(
  command: Command,
  above: readonly string[],
  values: Readonly<Record<string, readonly string[]>>,
): Completed[] {
  const path = [...above, command.name()];
  const own: Completed = {
    path,
    description: command.description(),
    options: command.options.flatMap(({ long, description, argChoices, required, optional }) =>
      long == null
        ? []
        : [{ name: long, description, choices: argChoices ?? values[long] ?? [], takesValue: required || optional }],
    ),
    words: [
      ...command.commands.map((inner) => inner.name()),
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    ],
  };
  return [own, ...command.commands.flatMap((inner) => completedOf(inner, path, values))];
}
