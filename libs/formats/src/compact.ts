import type { ValidationResult } from '#contracts';
import { markLine, remarkLine } from './log-line.js';
import { countingMarks } from './marks.js';
import { byPlace } from './place.js';
import { remarksOf } from './remarks.js';
import type { ResultContext } from './result-context.js';

/**
 * One line a finding, by place, for editors and `grep`: `path:line:column: severity policy: message`. Documents that
 * are invalid or ignored and checks that gave no judgement follow; what is waived or of the baseline is left out.
 */
export function formatCompact(result: ValidationResult, context: ResultContext): string {
  const findings = countingMarks(result, context).sort((a, b) => byPlace(a.place, b.place));
  const lines = [...findings.map(markLine), ...remarksOf(result, context).map(remarkLine)];
  return lines.map((line) => `${line}\n`).join('');
}
