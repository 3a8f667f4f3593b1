import {
  type CST,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { EditRefusal } from './edit.js';

/** A pair as it was written, and where. */
export interface WrittenPair {
  pair: Pair<Node, Node | null>;
  index: number;
  keyStart: number;
  /** After its colon. */
  afterColon: number;
}

/**
 * @param root of a document
 * @param keys that lead to a collection in it
 * @throws EditRefusal where they lead nowhere, or through an alias: others would be changed too
 */
export function collectionAt(root: Node | null, keys: readonly string[]): YAMLMap | YAMLSeq {
  let node: unknown = root;
  for (const key of keys) {
    if (isAlias(node)) break;
    if (isMap(node)) node = pairOf(node, key)?.value;
    else if (isCollection(node)) node = node.items[Number(key)];
    else break;
  }
  if (isAlias(node)) throw new EditRefusal('it comes from an anchor, which other places share');
  if (!isCollection(node)) throw new EditRefusal(`nothing is written at /${keys.join('/')}`);
  return node as YAMLMap | YAMLSeq;
}

/** @returns the pair of a key; of several the last, which Kubernetes takes */
export function pairOf(map: YAMLMap, key: string): Pair<Node, Node | null> | undefined {
  return map.items.findLast((item) => isScalar(item.key) && keyText(item.key) === key) as
    Pair<Node, Node | null> | undefined;
}

function keyText(key: { value: unknown; source?: string | undefined }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/**
 * @returns where a pair stands
 * @throws EditRefusal where it is written in a way that is left alone
 */
export function writtenPair(map: YAMLMap, pair: Pair<Node, Node | null>): WrittenPair {
  const index = map.items.indexOf(pair as never);
  const token = (map.srcToken as CST.BlockMap | CST.FlowCollection | undefined)?.items[index];
  const colon = token?.sep?.find(({ type }) => type === 'map-value-ind');
  const { range } = pair.key;
  if (colon === undefined || range == null) throw new EditRefusal('its key is written in an unusual way');
  return { pair, index, keyStart: range[0], afterColon: colon.offset + 1 };
}

/** @returns the offset of the dash of an item */
export function dashOf(seq: YAMLSeq, index: number): number {
  const token = (seq.srcToken as CST.BlockSequence | undefined)?.items[index];
  const dash = token?.start.find(({ type }) => type === 'seq-item-ind');
  if (dash === undefined) throw new EditRefusal('the list is written in an unusual way');
  return dash.offset;
}

/**
 * @returns the offset after the last character of what is written of a value, comments aside; of a block scalar, after
 *   its last line
 */
export function contentEnd(node: Node | null, fallback: number): number {
  if (isCollection(node) && node.flow !== true) {
    const last = node.items.length - 1;
    if (isMap(node)) {
      const pair = node.items[last] as Pair<Node, Node | null> | undefined;
      return pair === undefined ? fallback : contentEnd(pair.value, writtenPair(node, pair).afterColon);
    }
    return contentEnd(node.items[last] as Node | null, dashOf(node as YAMLSeq, last) + 1);
  }
  if (node?.range == null || isEmpty(node)) return fallback;
  return node.range[1];
}

/** @returns whether nothing is written: what is null by that */
export function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && (node.source === undefined || node.source === '') && node.value === null);
}
