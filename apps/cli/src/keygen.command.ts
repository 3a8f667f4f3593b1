import { Command } from 'commander';
import { generateCredential, uuidV7 } from '#kernel';

/** `bylaw keygen`: a well-formed API key, alone on a line. */
export function keygenCommand(): Command {
  return new Command('keygen').action(
    () => void process.stdout.write(`${generateCredential('api_key', uuidV7(Date.now()))}\n`),
  );
}
