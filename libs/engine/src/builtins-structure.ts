import type { HostBuiltin } from './builtin.js';
import { array, collection, int64, number, object, OperandError, text } from './builtin-operands.js';
import { refuseBulk } from './host-limits.js';
import { pathOf } from './json-paths.js';
import { equalRego, hasMember, memberOf } from './rego-compare.js';
import type { RegoValue } from './rego-value.js';

/** OPA's functions on objects, graphs and patches that its WASM runtime lacks. */
export const STRUCTURE_BUILTINS: [string, HostBuiltin][] = [
  ['object.union_n', (objects) => array(objects).map(object).reduce(merged, new Map())],
  ['json.patch', (document, operations) => patch(document ?? null, array(operations))],
  ['object.subset', (whole, part) => isSubset(whole ?? null, part ?? null)],
  ['graph.reachable_paths', (graph, initial) => reachablePaths(object(graph), collection(initial))],
];

/** The second wins, but objects in both are merged. */
function merged(a: Map<RegoValue, RegoValue>, b: Map<RegoValue, RegoValue>): Map<RegoValue, RegoValue> {
  const out = new Map(a);
  for (const [key, value] of b) {
    const place = existingKey(out, key);
    const other = out.get(place);
    out.set(place, other instanceof Map && value instanceof Map ? merged(other, value) : value);
  }
  return out;
}

/** Nested objects, sets and arrays may be subsets too; an array holds another as a run of its items. */
function isSubset(whole: RegoValue, part: RegoValue): boolean {
  const answer = subset(whole, part);
  if (answer !== undefined) return answer;
  if (Array.isArray(whole) && part instanceof Set) return arrayHoldsSet(whole, part);
  throw new OperandError('different types');
}

function subset(whole: RegoValue, part: RegoValue): boolean | undefined {
  if (whole instanceof Map && part instanceof Map) return objectSubset(whole, part);
  if (whole instanceof Set && part instanceof Set) return [...part].every((member) => hasMember(whole, member));
  if (Array.isArray(whole) && Array.isArray(part)) return arraySubset(whole, part);
  return undefined;
}

function objectSubset(whole: Map<RegoValue, RegoValue>, part: Map<RegoValue, RegoValue>): boolean {
  return [...part].every(([key, value]) => {
    const other = memberOf(whole, key);
    if (other === undefined) return false;
    return equalRego(value, other) || (subset(other, value) ?? false);
  });
}

/** OPA's scan starts over behind a mismatch without stepping back, and an empty array is part of any. */
function arraySubset(whole: RegoValue[], part: RegoValue[]): boolean {
  if (part.length > whole.length) return false;
  let [at, matched] = [0, 0];
  while (matched < part.length) {
    const [item, wanted] = [whole[at + matched], part[matched]];
    if (item === undefined || wanted === undefined) return false;
    if (equalRego(item, wanted)) matched += 1;
    else [at, matched] = [at + 1, 0];
  }
  return true;
}

function arrayHoldsSet(whole: RegoValue[], part: Set<RegoValue>): boolean {
  let unmatched = part.size;
  return whole.some((item) => {
    if (hasMember(part, item)) unmatched -= 1;
    return unmatched === 0;
  });
}

function reachablePaths(graph: Map<RegoValue, RegoValue>, initial: RegoValue[]): Set<RegoValue> {
  const paths: RegoValue[][] = [];
  for (const node of initial) {
    const edges = memberOf(graph, node);
    if (edges === undefined) continue;
    const neighbours = vertices(edges);
    if (neighbours.length === 0) paths.push([node]);
    for (const neighbour of neighbours) walk(graph, neighbour, [node], [node], paths);
  }
  return distinct(paths);
}

function walk(
  graph: Map<RegoValue, RegoValue>,
  node: RegoValue,
  path: RegoValue[],
  reached: RegoValue[],
  paths: RegoValue[][],
): void {
  const edges = memberOf(graph, node);
  if (edges === undefined) {
    paths.push(path);
    return;
  }
  const longer = [...path, node];
  const neighbours = vertices(edges);
  if (neighbours.length === 0) paths.push(longer);
  const seen = [...reached, node];
  refuseBulk(paths.length * seen.length);
  for (const neighbour of neighbours) {
    if (seen.some((other) => equalRego(other, neighbour))) paths.push(longer);
    else walk(graph, neighbour, longer, seen, paths);
  }
}

function vertices(edges: RegoValue): RegoValue[] {
  return edges instanceof Set || Array.isArray(edges) ? [...edges] : [];
}

function distinct(values: RegoValue[]): Set<RegoValue> {
  const out = new Set<RegoValue>();
  for (const value of values) if (!hasMember(out, value)) out.add(value);
  return out;
}

type Holder = Map<RegoValue, RegoValue> | Set<RegoValue> | RegoValue[];

/** JSON Patch (RFC 6902) as OPA has it: paths may also be arrays of keys of any type. */
function patch(document: RegoValue, operations: RegoValue[]): RegoValue {
  const root: RegoValue[] = [copyOf(document)];
  for (const operation of operations) applyOne(root, object(operation));
  const [patched] = root;
  if (patched === undefined) throw new OperandError('the document was removed');
  return patched;
}

function applyOne(root: RegoValue[], operation: Map<RegoValue, RegoValue>): void {
  const path = pathOf(operation.get('path'));
  switch (text(operation.get('op'))) {
    case 'add':
      return add(root, path, valueOf(operation));
    case 'remove':
      return remove(root, path);
    case 'replace':
      remove(root, path);
      return add(root, path, valueOf(operation));
    case 'move': {
      const from = pathOf(operation.get('from'));
      const moved = copyOf(get(root, from));
      remove(root, from);
      return add(root, path, moved);
    }
    case 'copy':
      return add(root, path, copyOf(get(root, pathOf(operation.get('from')))));
    case 'test':
      if (equalRego(get(root, path), valueOf(operation))) return;
      throw new OperandError('test failed');
    default:
      throw new OperandError('unknown operation');
  }
}

function valueOf(operation: Map<RegoValue, RegoValue>): RegoValue {
  const value = operation.get('value');
  if (value === undefined) throw new OperandError('no value');
  return copyOf(value);
}

function get(root: RegoValue[], path: RegoValue[]): RegoValue {
  let value = root[0];
  for (const key of path) value = child(holderOf(value), key);
  if (value === undefined) throw new OperandError('nothing there');
  return value;
}

function child(holder: Holder, key: RegoValue): RegoValue {
  const value = lookup(holder, key);
  if (value === undefined) throw new OperandError('nothing there');
  return value;
}

/** A set's member is its own key. */
function lookup(holder: Holder, key: RegoValue): RegoValue | undefined {
  if (Array.isArray(holder)) return holder[indexOf(key, holder.length)];
  return holder instanceof Set ? [...holder].find((member) => equalRego(member, key)) : memberOf(holder, key);
}

function add(root: RegoValue[], path: RegoValue[], value: RegoValue): void {
  const key = path.at(-1);
  if (key === undefined) {
    root[0] = value;
    return;
  }
  const holder = holderOf(get(root, path.slice(0, -1)));
  if (holder instanceof Map) {
    holder.set(existingKey(holder, key), value);
    return;
  }
  if (holder instanceof Set) {
    if (!equalRego(key, value)) throw new OperandError('a member of a set is its own key');
    if (!hasMember(holder, value)) holder.add(value);
    return;
  }
  const at = indexOf(key, holder.length);
  if (at > holder.length) throw new OperandError('outside the array');
  holder.splice(at, 0, value);
}

function remove(root: RegoValue[], path: RegoValue[]): void {
  const key = path.at(-1);
  get(root, path);
  if (key === undefined) {
    root.length = 0;
    return;
  }
  const holder = holderOf(get(root, path.slice(0, -1)));
  if (Array.isArray(holder)) holder.splice(indexOf(key, holder.length), 1);
  else holder.delete(holder instanceof Set ? (lookup(holder, key) ?? key) : existingKey(holder, key));
}

function existingKey(holder: Map<RegoValue, RegoValue>, key: RegoValue): RegoValue {
  return [...holder.keys()].find((other) => equalRego(other, key)) ?? key;
}

function holderOf(value: RegoValue | undefined): Holder {
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) return value;
  throw new OperandError('a path leads through a plain value');
}

function indexOf(key: RegoValue, length: number): number {
  if (key === '-') return length;
  const written = typeof key === 'string' ? key : number(key);
  const at = int64(written);
  if (at === undefined || at < 0n) throw new OperandError('not an index');
  if (typeof key === 'string' && key !== '0' && key.startsWith('0')) throw new OperandError('leading zeros');
  return Number(at);
}

function copyOf(value: RegoValue): RegoValue {
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Set) return new Set([...value].map(copyOf));
  return value instanceof Map ? new Map([...value].map(([key, member]) => [key, copyOf(member)])) : value;
}
