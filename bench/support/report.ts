import { cpus, totalmem } from 'node:os';

/** One figure of a bench. */
export interface Figure {
  bench: string;
  figure: string;
  value: number;
  unit: string;
  /** How many measurements it comes from. */
  n: number;
  /** What it is held against, where something was promised. */
  promise?: string;
}

/**
 * Prints figures as people and programs read them: a table, then one JSON line each.
 * @param figures in the order to be shown
 */
export function report(figures: readonly Figure[]): void {
  const [cpu] = cpus();
  process.stdout.write(
    `\n${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n\n`,
  );
  for (const { figure, value, unit, n, promise } of figures) {
    const held = promise === undefined ? '' : `  promised: ${promise}`;
    process.stdout.write(`${figure.padEnd(56)} ${rounded(value).padStart(12)} ${unit.padEnd(10)} n=${n}${held}\n`);
  }
  process.stdout.write('\n');
  for (const { promise: _promise, ...line } of figures) process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * @param values any order
 * @param share 0.95 for p95
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
