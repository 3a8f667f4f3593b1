#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { VERSION } from '#kernel';
import { CliError } from './cli-error.js';
import { loaded } from './command-entry.js';
import { COMMANDS } from './commands.js';

/** Exit 2: could not do what was asked (API.md). */
const COULD_NOT = 2;

// Who reads no further (`| head`) has read enough: the work, and how it ends, go on. A disk that is full is another matter.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') end(new CliError(`standard output: ${error.message}`, COULD_NOT));
});

run(process.argv.slice(2)).catch(end);

function end(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : COULD_NOT);
  if (error instanceof CliError) {
    if (error.message !== '') process.stderr.write(`bylaw: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`bylaw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(COULD_NOT);
}

async function run(args: readonly string[]): Promise<void> {
  const program = new Command('bylaw').description('Policy as code for Kubernetes').version(VERSION);
  const wanted = args[0] === 'help' ? args[1] : args[0];
  for (const entry of COMMANDS) {
    // The others are there to be listed.
    program.addCommand(
      entry.name === wanted ? await loaded(entry) : new Command(entry.name).description(entry.description),
    );
  }
  throwInsteadOfExit(program);
  await program.parseAsync(args, { from: 'user' });
}

/** Subcommands made apart inherit nothing: each has to be told. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}
