import { Command } from 'commander';
import { generateCredential, uuidV7 } from '#kernel';

/** `bylaw keygen`: a well-formed API key, alone on a line. */
export function keygenCommand(): Command {
  return new Command('keygen')
    .description('print a well-formed API key, for BYLAW_INIT_API_KEY')
    .action(() => void process.stdout.write(`${generateCredential('api_key', uuidV7(Date.now()))}\n`));
}
