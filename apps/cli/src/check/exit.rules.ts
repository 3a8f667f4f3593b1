import type { ValidationResult } from '#contracts';
import { counted } from './counted.js';

/** What of a result decides how the command ends. */
export type EndingResult = Pick<ValidationResult, 'decision' | 'documents' | 'unresolved' | 'summary'>;

/** How the command ends, and why where it is not obvious. */
export interface Ending {
  exitCode: 0 | 1 | 2;
  /** For standard error; empty where the result says it all. */
  why: string;
}

/**
 * API.md's exit codes. What was judged and denied is 1, also where other documents could not be read: the build fails for
 * what is known.
 * @param result of everything
 * @param allowed what does not fail
 */
export function endingOf(
  { decision, documents, unresolved, summary }: EndingResult,
  allowed: { invalid: boolean; empty: boolean },
): Ending {
  if (decision === 'deny') return { exitCode: 1, why: '' };
  const invalid = documents.filter(({ status }) => status === 'invalid').length;
  if (invalid > 0 && !allowed.invalid)
    return could(`${counted(invalid, 'document')} can’t be read: put them right, or leave them out by --skip-invalid`);
  if (summary.objects === 0 && !allowed.empty)
    return could('no objects at all: name what is to be checked, or allow for it by --allow-empty');
  const failed = unresolved.filter(({ verdict, enforcement }) => verdict === 'error' && enforcement === 'deny').length;
  if (failed > 0) return could(`${counted(failed, 'check')} that would deny could not be run`);
  return { exitCode: 0, why: '' };
}

function could(why: string): Ending {
  return { exitCode: 2, why };
}
