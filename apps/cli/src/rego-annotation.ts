import type { JsonObject } from '#kernel';
import { stringify } from 'yaml';

const COMMENT = /^#( |$)/;
const BEGINS = /^# METADATA\s*$/;
const PACKAGE = /^\s*package\s/;

/**
 * @param rego of a policy
 * @param metadata what it says of itself, in full
 * @returns the same, with the METADATA annotation of its package written anew
 */
export function annotated(rego: string, { title, description, ...custom }: JsonObject): string {
  const about = stringify({ title, ...(description !== '' && { description }), custom }, { lineWidth: 110 });
  const annotation = [
    '# METADATA',
    ...about
      .trimEnd()
      .split('\n')
      .map((line) => `# ${line}`.trimEnd()),
  ];
  const lines = rego.split('\n');
  const at = lines.findIndex((line) => PACKAGE.test(line));
  const begins = lines.findIndex((line, index) => index < at && BEGINS.test(line));
  if (begins < 0) return [...lines.slice(0, at), ...annotation, ...lines.slice(at)].join('\n');
  const rest = lines.slice(begins + 1);
  const length = rest.findIndex((line) => !COMMENT.test(line));
  return [...lines.slice(0, begins), ...annotation, ...rest.slice(length)].join('\n');
}
