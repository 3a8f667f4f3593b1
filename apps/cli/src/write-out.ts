import { CliError } from './cli-error.js';

/**
 * Writes to standard output, and waits until it is written: a process that ends before loses what a pipe didn't take.
 * Who reads no further (`| head`) has read enough, which is no failure.
 * @throws CliError 2 where it can’t be written: a disk that is full
 */
export function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      error.code === 'EPIPE' ? resolve() : reject(new CliError(`standard output: ${error.message}`, 2));
    process.stdout.once('error', failed);
    process.stdout.write(text, (error) => {
      if (error != null) return failed(error);
      process.stdout.off('error', failed);
      resolve();
    });
  });
}
