import { readFileSync } from 'node:fs';
import type { KnownViolation } from '#judging';
import { CliError } from '../cli-error.js';

/**
 * @param file an earlier result, as `--format json` wrote it
 * @returns its violations, the existing ones of its own baseline among them
 * @throws CliError 2 where it is none
 */
export function readBaseline(file: string): KnownViolation[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CliError(`--baseline ${file}: ${(error as Error).message}`, 2);
  }
  const { violations } = (value ?? {}) as { violations?: unknown };
  if (!Array.isArray(violations) || !violations.every(isViolation))
    throw new CliError(`--baseline ${file}: no result of \`bylaw check --format json\``, 2);
  return violations;
}

function isViolation(value: unknown): value is KnownViolation {
  return typeof (value as { fingerprint?: unknown } | null)?.fingerprint === 'string';
}
