import { readFileSync } from 'node:fs';
import { CliError } from '../cli-error.js';

/**
 * @param file an earlier result, as `--format json` wrote it
 * @returns the fingerprints of its violations, the existing ones of its own baseline among them
 * @throws CliError 2 where it is none
 */
export function readBaseline(file: string): ReadonlySet<string> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CliError(`--baseline ${file}: ${(error as Error).message}`, 2);
  }
  const { violations } = (value ?? {}) as { violations?: unknown };
  const fingerprints = Array.isArray(violations)
    ? violations.map((violation: { fingerprint?: unknown } | null) => violation?.fingerprint)
    : [undefined];
  if (!fingerprints.every((one) => typeof one === 'string'))
    throw new CliError(`--baseline ${file}: no result of \`bylaw check --format json\``, 2);
  return new Set(fingerprints);
}
