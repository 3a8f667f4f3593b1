import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { isCollection, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import { CliError } from '../cli-error.js';
import { type CheckConfig, checkConfigSchema } from './config.schema.js';
import { suggestion } from './suggestion.js';

/** A configuration, and where it lies. */
export interface FoundConfig {
  /** Paths in it start from here. */
  folder: string;
  config: CheckConfig;
}

/**
 * @param file absolute
 * @param cwd what messages name it from
 * @throws CliError 2 where it can't be read, or says what means nothing: each with line and column
 */
export function readConfig(file: string, cwd: string): FoundConfig {
  const name = relative(cwd, file) || file;
  const lines = new LineCounter();
  const document = parseDocument(textOf(file, name), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new CliError(`${at(broken.pos[0])}: ${broken.message}`, 2);
  const parsed = checkConfigSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (parsed.success) return { folder: dirname(file), config: parsed.data };
  const wrong = parsed.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      const place = placeOf(document.contents, issue.path);
      return [`${at(place)}: \`${issue.path.join('.')}\`: ${issue.message}`];
    }
    return issue.keys.map(
      (key) => `${at(placeOf(document.contents, [...issue.path, key]))}: \`${key}\` is no setting${meant(key)}`,
    );
  });
  throw new CliError(wrong.join('\n       '), 2);
}

function meant(key: string): string {
  const names = Object.keys(checkConfigSchema.shape);
  const close = suggestion(key, names);
  return close === '' ? `; there are ${names.join(', ')}` : close;
}

function textOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`${name}: ${(error as Error).message}`, 2);
  }
}

/** Where a key is written, or the nearest around it. */
function placeOf(node: unknown, path: readonly PropertyKey[]): number {
  let place = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  let current: unknown = node;
  for (const key of path) {
    if (!isCollection(current)) break;
    const item: unknown = current.items.find(
      (one, index) => index === key || (isPair(one) && String((one.key as { value?: unknown }).value) === String(key)),
    );
    const beginning = isPair(item) ? (item.key as Node) : (item as Node | undefined);
    if (beginning?.range == null) break;
    [place] = beginning.range;
    current = isPair(item) ? item.value : item;
  }
  return place;
}
