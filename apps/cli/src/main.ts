#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { VERSION } from '#kernel';
import { agentCommand } from './agent.command.js';
import { CliError } from './cli-error.js';
import { doctorCommand } from './doctor.command.js';
import { exportCommand } from './export.command.js';
import { importCommand } from './import.command.js';
import { keygenCommand } from './keygen.command.js';
import { policyCommand } from './policy.command.js';
import { verifyCommand } from './verify.command.js';

/** Exit 2: could not do what was asked (API.md). */
const COULD_NOT = 2;

const program = new Command('bylaw')
  .description('Policy as code for Kubernetes')
  .version(VERSION)
  .addCommand(agentCommand())
  .addCommand(doctorCommand())
  .addCommand(exportCommand())
  .addCommand(importCommand())
  .addCommand(keygenCommand())
  .addCommand(policyCommand())
  .addCommand(verifyCommand());

throwInsteadOfExit(program);
program.parseAsync(process.argv).catch((error: unknown) => {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : COULD_NOT);
  if (error instanceof CliError) {
    if (error.message !== '') process.stderr.write(`bylaw: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`bylaw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(COULD_NOT);
});

/** Subcommands made apart inherit nothing: each has to be told. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}
