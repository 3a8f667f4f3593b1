import { Command } from 'commander';

/** `bylaw policy`: tests and proofs of policies in a folder. */
export function policyCommand(): Command {
  return new Command('policy').description('test and prove policies');
}
