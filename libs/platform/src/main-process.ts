import { ConfigError } from './config.js';
import { DatabaseSetupError } from './database-logins.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

const EXPECTED = [ConfigError, DatabaseSetupError, EmbeddedPostgresError];

/**
 * Runs a process' main function; what it can't start for is told in words, and a fault of ours with its stack. Either
 * ends the process with exit code 1.
 * @param main starts everything; where it returns, the process goes on
 * @returns once it has returned
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const told = EXPECTED.some((kind) => error instanceof kind);
    const { message, stack } = error as Error;
    process.stderr.write(`\n${told ? message : (stack ?? message)}\n`);
    process.exit(1);
  }
}
