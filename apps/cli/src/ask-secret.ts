import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { CliError } from './cli-error.js';

/**
 * Asks on the terminal, and shows nothing of the answer.
 * @param question without a colon
 * @throws CliError 2 where there is no terminal, or it is not answered
 */
export async function askSecret(question: string): Promise<string> {
  if (process.stdin.isTTY !== true)
    throw new CliError('there is no terminal to ask on: give the key by standard input, with --token-stdin', 2);
  const nothingShown = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nothingShown, terminal: true });
  // What is typed from now on is not echoed.
  process.stderr.write(`${question}: `);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => reject(new CliError('nothing was entered', 2)));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** @returns all of standard input */
export function secretFromInput(): Promise<string> {
  return text(process.stdin);
}
