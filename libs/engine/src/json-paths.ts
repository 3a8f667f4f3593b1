import type { HostBuiltin } from './builtin.js';
import { collection, object, OperandError, text } from './builtin-operands.js';
import { equalRego, memberOf } from './rego-compare.js';
import type { RegoValue } from './rego-value.js';

/** OPA's functions that cut an object down to some paths, or take them out. */
export const PATH_BUILTINS: [string, HostBuiltin][] = [
  ['json.filter', (document, paths) => filtered(object(document), treeOf(paths))],
  ['json.remove', (document, paths) => without(object(document), treeOf(paths))],
];

/** Paths that begin alike share their beginning; null ends one. */
type PathTree = Map<RegoValue, RegoValue>;

/**
 * @param path `a/b`, with `~1` for a slash and `~0` for a tilde, or an array of keys of any type
 * @returns its keys; OPA drops all leading slashes, so that `/a` and `a` are the same
 * @throws OperandError where it is neither
 */
export function pathOf(path: RegoValue | undefined): RegoValue[] {
  if (Array.isArray(path)) return path;
  const written = text(path);
  if (written === '') return [];
  return written
    .replace(/^\/+/, '')
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function treeOf(paths: RegoValue | undefined): PathTree {
  const root: PathTree = new Map();
  for (const path of collection(paths).map(pathOf)) grow(root, path);
  return root;
}

/** What is beyond the end of another path is lost. */
function grow(root: PathTree, path: RegoValue[]): void {
  let node = root;
  for (const [index, key] of path.entries()) {
    const known = [...node.keys()].find((other) => equalRego(other, key)) ?? key;
    const child = node.get(known);
    if (child === null) return;
    if (index === path.length - 1) {
      node.set(known, null);
      return;
    }
    const next: PathTree = child instanceof Map ? child : new Map();
    node.set(known, next);
    node = next;
  }
}

function filtered(value: RegoValue, tree: RegoValue): RegoValue {
  if (tree === null) return value;
  if (!(tree instanceof Map)) throw new OperandError('not a path');
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      const branch = tree.get(String(index));
      return branch === undefined ? [] : [filtered(item, branch)];
    });
  }
  if (value instanceof Set) {
    const kept = [...value].flatMap((item) => {
      const branch = memberOf(tree, item);
      return branch === undefined ? [] : [filtered(item, branch)];
    });
    return new Set(kept);
  }
  if (!(value instanceof Map)) return value;
  const members = [...value].flatMap(([key, member]): [RegoValue, RegoValue][] => {
    const branch = memberOf(tree, key);
    return branch === undefined ? [] : [[key, filtered(member, branch)]];
  });
  return new Map(members);
}

/** Undefined where the value itself is taken out. */
function without(value: RegoValue, tree: RegoValue | undefined): RegoValue | undefined {
  if (tree === null) return undefined;
  if (!(tree instanceof Map)) return value;
  const kept = (member: RegoValue, key: RegoValue): RegoValue[] => {
    const rest = without(member, memberOf(tree, key));
    return rest === undefined ? [] : [rest];
  };
  if (Array.isArray(value)) return value.flatMap((item, index) => kept(item, String(index)));
  if (value instanceof Set) return new Set([...value].flatMap((item) => kept(item, item)));
  if (!(value instanceof Map)) return value;
  return new Map(
    [...value].flatMap(([key, member]): [RegoValue, RegoValue][] => kept(member, key).map((rest) => [key, rest])),
  );
}
