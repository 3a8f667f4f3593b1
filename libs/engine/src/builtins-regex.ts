import { RE2JS } from 're2js';
import type { HostBuiltin } from './builtin.js';
import { array, integer, OperandError, text } from './builtin-operands.js';
import { compileGlob } from './go-glob.js';
import { compileGoRegex, type GoRegex } from './go-regex.js';
import { refuseBulk } from './host-limits.js';
import type { RegoValue } from './rego-value.js';

/**
 * OPA's functions on regular expressions and globs, on RE2's syntax and in linear time. Its WASM runtime has some too,
 * which read other patterns than Go's: `(?<name>…)`, `\\C`, `{` left open, parentheses in globs.
 */
export const REGEX_BUILTINS: [string, HostBuiltin][] = [
  ['regex.is_valid', (pattern) => typeof pattern === 'string' && isValid(pattern)],
  ['regex.match', (pattern, value) => matchesAnywhere(compile(text(pattern)), text(value))],
  [
    'regex.find_all_string_submatch_n',
    (pattern, value, n) => findSubmatches(compile(text(pattern)), text(value), Number(integer(n))),
  ],
  ['glob.match', (pattern, delimiters, value) => globMatches(text(pattern), delimiters ?? null, text(value))],
  ['regex.find_n', (pattern, value, n) => findN(compile(text(pattern)), text(value), Number(integer(n)))],
  ['regex.replace', (value, pattern, template) => replace(compile(text(pattern)), text(value), text(template))],
  ['regex.split', (pattern, value) => split(text(pattern), text(value))],
  [
    'regex.template_match',
    (template, value, start, end) =>
      matchesAnywhere(compile(templatePattern(text(template), text(start), text(end))), text(value)),
  ],
];

const CACHE_LIMIT = 200;
const patterns = new Map<string, GoRegex>();
const globs = new Map<string, RE2JS>();

function compile(pattern: string): GoRegex {
  return cached(patterns, pattern, () => compileGoRegex(pattern));
}

function cached<Compiled>(cache: Map<string, Compiled>, key: string, make: () => Compiled): Compiled {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const compiled = make();
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(key, compiled);
  return compiled;
}

function matchesAnywhere({ pattern }: GoRegex, value: string): boolean {
  return pattern.matcher(value).find();
}

function isValid(pattern: string): boolean {
  try {
    compile(pattern);
    return true;
  } catch (error) {
    if (error instanceof OperandError) return false;
    throw error;
  }
}

/** No delimiters at all is null; an empty list is the dot. */
function globMatches(pattern: string, delimiters: RegoValue, value: string): boolean {
  const separators = delimiters === null ? [] : array(delimiters).map(oneCharacter);
  const used = delimiters !== null && separators.length === 0 ? ['.'] : separators;
  const glob = cached(globs, JSON.stringify([pattern, used]), () => compileGlob(pattern, used));
  return glob.matcher(value).find();
}

function oneCharacter(value: RegoValue): string {
  const characters = [...text(value)];
  if (characters.length !== 1) throw new OperandError('a delimiter is one character');
  return characters[0] ?? '';
}

interface Match {
  start: number;
  end: number;
  /** By number; undefined where the group took no part. */
  groups: (string | undefined)[];
  named: Map<string, string | undefined>;
}

/** As Go finds them: an empty match right behind the one before does not count. */
function* matches({ pattern, groups: names }: GoRegex, value: string): Generator<Match> {
  const matcher = pattern.matcher(value);
  let at = 0;
  let previousEnd = -1;
  while (at <= value.length && matcher.find(at)) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (start !== end || start !== previousEnd) {
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
      const named = [...names].map(([name, numbers]) => [name, firstOf(numbers, groups)] as const);
      yield { start, end, groups, named: new Map(named) };
    }
    previousEnd = end;
    at = end > start ? end : end + ((value.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
}

/** Of the groups that share a name, what the first that took part has. */
function firstOf(numbers: readonly number[], groups: readonly (string | undefined)[]): string | undefined {
  return numbers.map((number) => groups[number]).find((group) => group !== undefined);
}

function findN(pattern: GoRegex, value: string, n: number): string[] {
  const found: string[] = [];
  if (n === 0) return found;
  for (const match of matches(pattern, value)) {
    found.push(value.slice(match.start, match.end));
    if (found.length === n) break;
  }
  return found;
}

/** Each with its groups; one that took no part is empty. */
function findSubmatches(pattern: GoRegex, value: string, n: number): string[][] {
  const found: string[][] = [];
  if (n === 0) return found;
  for (const { groups } of matches(pattern, value)) {
    found.push(groups.map((group) => group ?? ''));
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

function replace(pattern: GoRegex, value: string, template: string): string {
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
