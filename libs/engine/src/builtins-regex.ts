import { RE2JS } from 're2js';
import type { HostBuiltin } from './builtin.js';
import { integer, OperandError, text } from './builtin-operands.js';
import { refuseBulk } from './host-limits.js';

/** OPA's functions on regular expressions that its WASM runtime lacks, on RE2's syntax and in linear time. */
export const REGEX_BUILTINS: [string, HostBuiltin][] = [
  ['regex.find_n', (pattern, value, n) => findN(compile(text(pattern)), text(value), Number(integer(n)))],
  ['regex.replace', (value, pattern, template) => replace(compile(text(pattern)), text(value), text(template))],
  ['regex.split', (pattern, value) => split(text(pattern), text(value))],
  [
    'regex.template_match',
    (template, value, start, end) =>
      compile(templatePattern(text(template), text(start), text(end)))
        .matcher(text(value))
        .find(),
  ],
];

const CACHE_LIMIT = 200;
const cache = new Map<string, RE2JS>();

function compile(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const compiled = compileNew(pattern);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(pattern, compiled);
  return compiled;
}

function compileNew(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new OperandError(`not a regular expression: ${String(error)}`);
  }
}

interface Match {
  start: number;
  end: number;
  /** By number; undefined where the group took no part. */
  groups: (string | undefined)[];
  named: Map<string, string | undefined>;
}

/** As Go finds them: an empty match right behind the one before does not count. */
function* matches(pattern: RE2JS, value: string): Generator<Match> {
  const matcher = pattern.matcher(value);
  let at = 0;
  let previousEnd = -1;
  while (at <= value.length && matcher.find(at)) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (start !== end || start !== previousEnd) {
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
      const named = Object.entries(pattern.namedGroups()).map(([name, group]) => [name, groups[group]] as const);
      yield { start, end, groups, named: new Map(named) };
    }
    previousEnd = end;
    at = end > start ? end : end + ((value.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
}

function findN(pattern: RE2JS, value: string, n: number): string[] {
  const found: string[] = [];
  if (n === 0) return found;
  for (const match of matches(pattern, value)) {
    found.push(value.slice(match.start, match.end));
    if (found.length === n) break;
  }
  return found;
}

function split(pattern: string, value: string): string[] {
  const compiled = compile(pattern);
  if (pattern !== '' && value === '') return [''];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const match of matches(compiled, value)) {
    end = match.start;
    if (match.end !== 0) parts.push(value.slice(begin, end));
    begin = match.end;
  }
  return end === value.length ? parts : [...parts, value.slice(begin)];
}

function replace(pattern: RE2JS, value: string, template: string): string {
  let out = '';
  let from = 0;
  for (const match of matches(pattern, value)) {
    out += value.slice(from, match.start) + expand(template, match);
    from = match.end;
    refuseBulk(out.length);
  }
  return out + value.slice(from);
}

/** Go's Regexp.Expand: `$name`, `${name}`, `$$`; the name is the longest run of letters, digits and underscores. */
function expand(template: string, match: Match): string {
  return template.replace(
    /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu,
    (_reference, bare?: string, braced?: string) => {
      const name = bare ?? braced;
      if (name === undefined) return '$';
      if (!/^\d+$/.test(name)) return match.named.get(name) ?? '';
      if (name.length > 1 && name.startsWith('0')) return '';
      return match.groups[Number(name)] ?? '';
    },
  );
}

/** Between the delimiters stand regular expressions, outside them plain text. */
function templatePattern(template: string, start: string, end: string): string {
  if (Buffer.byteLength(start) !== 1 || Buffer.byteLength(end) !== 1) throw new OperandError('delimiters are one byte');
  let pattern = '';
  let level = 0;
  let from = 0;
  for (let at = 0; at < template.length; at += 1) {
    const character = template[at];
    if (character === start) {
      level += 1;
      if (level !== 1) continue;
      pattern += RE2JS.quote(template.slice(from, at));
      from = at + 1;
    } else if (character === end) {
      level -= 1;
      if (level < 0) throw new OperandError('unbalanced delimiters');
      if (level > 0) continue;
      const part = template.slice(from, at);
      compile(`^${part}$`);
      pattern += `(${part})`;
      from = at + 1;
    }
  }
  if (level !== 0) throw new OperandError('unbalanced delimiters');
  return `^${pattern}${RE2JS.quote(template.slice(from))}$`;
}
