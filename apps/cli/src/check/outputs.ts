import { writeFile } from 'node:fs/promises';
import type { ValidationResult } from '#contracts';
import { formatResult, type ResultContext } from '#formats';
import { CliError } from '../cli-error.js';
import { writeOut } from '../write-out.js';
import type { CheckSettings } from './settings.js';

/**
 * Writes a result wherever it was wanted.
 * @throws CliError 2 where a file can't be written
 */
export async function writeResult(
  result: ValidationResult,
  { outputs, quiet }: Pick<CheckSettings, 'outputs' | 'quiet'>,
  context: ResultContext,
): Promise<void> {
  for (const { format, file } of outputs) {
    const text = formatResult(format, result, { ...context, colour: file === undefined && hasColours() });
    if (file !== undefined) await intoFile(file, text);
    else if (!(quiet && format === 'text' && hasNothingToSay(result))) await writeOut(text);
  }
}

/** @returns whether standard output shows colours: a terminal does, unless it is told not to (no-color.org) */
export function hasColours(): boolean {
  const { NO_COLOR: refused, TERM: terminal } = process.env;
  return process.stdout.isTTY === true && (refused === undefined || refused === '') && terminal !== 'dumb';
}

function hasNothingToSay({ decision, documents, violations }: ValidationResult): boolean {
  return decision === 'allow' && violations.length === 0 && documents.every(({ status }) => status !== 'invalid');
}

async function intoFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`, 2);
  }
}
