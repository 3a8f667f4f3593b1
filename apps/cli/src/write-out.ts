/**
 * Writes to standard output, and waits until it is written: a process that ends before loses what a pipe didn't take. What
 * can't be written is dealt with where the process begins.
 */
export function writeOut(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}
