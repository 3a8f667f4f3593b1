/**
 * Writes to standard output, and waits until it is written: a process that ends before loses what a pipe didn't take.
 * Where it can't be written, the process is told (`main.ts`).
 */
export function writeOut(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}
