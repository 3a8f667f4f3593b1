import type { ValidationFormat, ValidationResult } from '#contracts';
import { formatAzure } from './azure.js';
import { formatCompact } from './compact.js';
import { formatGithub } from './github.js';
import { formatGitlab } from './gitlab.js';
import { formatJunit } from './junit.js';
import { formatMarkdown } from './markdown.js';
import type { ResultContext, ResultFormatter } from './result-context.js';
import { formatSarif } from './sarif.js';
import { formatTap } from './tap.js';
import { formatText } from './text.js';

/**
 * What a result can be written as: what the API serves, and `compact`, for editors. The list is no other than the
 * contract's, and is here so that a command line need not load all contracts for it.
 */
export const RESULT_FORMATS = [
  'json',
  'sarif',
  'junit',
  'github',
  'gitlab',
  'azure',
  'markdown',
  'tap',
  'text',
  'compact',
] as const satisfies readonly (ValidationFormat | 'compact')[];
export type ResultFormat = (typeof RESULT_FORMATS)[number];

const PLAIN = 'text/plain; charset=utf-8';

const FORMATS: Record<ResultFormat | ValidationFormat, { mediaType: string; format: ResultFormatter }> = {
  json: { mediaType: 'application/json; charset=utf-8', format: (result) => `${JSON.stringify(result, null, 2)}\n` },
  sarif: { mediaType: 'application/sarif+json; charset=utf-8', format: formatSarif },
  junit: { mediaType: 'application/xml; charset=utf-8', format: formatJunit },
  github: { mediaType: PLAIN, format: formatGithub },
  gitlab: { mediaType: 'application/json; charset=utf-8', format: formatGitlab },
  azure: { mediaType: PLAIN, format: formatAzure },
  markdown: { mediaType: 'text/markdown; charset=utf-8', format: formatMarkdown },
  tap: { mediaType: PLAIN, format: formatTap },
  text: { mediaType: PLAIN, format: formatText },
  compact: { mediaType: PLAIN, format: formatCompact },
};

/**
 * Writes a result for a consumer.
 * @param format what the consumer reads
 * @param result of a validation
 * @param context what is known beside it
 * @returns the whole text; its last line is ended, unless it is empty
 */
export function formatResult(format: ResultFormat, result: ValidationResult, context: ResultContext = {}): string {
  return FORMATS[format].format(result, context);
}

/** @returns what a text of this format is called over HTTP, its charset included */
export function mediaTypeOf(format: ResultFormat): string {
  return FORMATS[format].mediaType;
}
