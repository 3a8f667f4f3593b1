import { InvalidArgumentError } from 'commander';
import { RESULT_FORMATS, type ResultFormat } from '#formats';
import type { Output } from './settings.js';

/** What people read is called otherwise here: in an answer of the platform it is plain text. */
const PRETTY = 'pretty';

/** What `--format` takes. */
export const FORMATS: readonly string[] = [PRETTY, ...RESULT_FORMATS.filter((format) => format !== 'text')];

/**
 * @param text a format, or a format and the file that it goes to
 * @param before outputs that were named before
 * @throws InvalidArgumentError where there is no such format
 */
export function withOutput(text: string, before: readonly Output[] | undefined): Output[] {
  const at = text.indexOf('=');
  const [name, file] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (!FORMATS.includes(name) || file === '')
    throw new InvalidArgumentError(`One of ${FORMATS.join(', ')}; to a file as in sarif=out.sarif.`);
  return [...(before ?? []), { format: (name === PRETTY ? 'text' : name) as ResultFormat, file }];
}
