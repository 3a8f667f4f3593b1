import { type Document, isMap, parseDocument, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { isJsonObject, type Json } from '#kernel';
import { applyPatch, type FixOperation } from '#engine';
import {
  addBlockItem,
  addBlockPair,
  removeBlockItem,
  removeBlockPair,
  replaceBlockItem,
  replaceBlockValue,
} from './block-edits.js';
import { type Edit, edited, EditRefusal } from './edit.js';
import { addFlowItem, addFlowPair, removeFlowMember, replaceFlowValue } from './flow-edits.js';
import { type Layout, layoutOf } from './layout.js';
import { collectionAt, pairOf, writtenPair } from './nodes.js';

/** An operation that only writes or takes away. */
export interface TextOperation {
  op: 'add' | 'replace' | 'remove';
  keys: string[];
  value?: Json | undefined;
}

/**
 * @param text of one document, without `---`
 * @returns how its author writes, for all that is written into it: what a fix leaves of it may show less
 * @throws EditRefusal where it can't be read
 */
export function writtenLayout(text: string): Layout {
  return layoutOf(text, parsed(text));
}

/**
 * Writes operations into the text of one document, each as the smallest change: comments, order, indentation, quotes and
 * flow style stay as they are everywhere else.
 * @param text of one document, without `---`
 * @param operations in order
 * @param layout of the document
 * @returns the new text
 * @throws EditRefusal where one can't be written so
 */
export function patchText(text: string, operations: readonly TextOperation[], layout: Layout): string {
  return operations.reduce(
    (before, operation) => edited(before, editOf(before, parsed(before).contents, operation, layout)),
    text,
  );
}

function parsed(text: string): Document.Parsed {
  const document = parseDocument(text, {
    version: '1.1',
    keepSourceTokens: true,
    uniqueKeys: false,
    strict: false,
    logLevel: 'silent',
  });
  if (document.errors.length > 0) throw new EditRefusal('the document can’t be read for writing');
  return document;
}

/** @returns the keys of an RFC 6901 pointer */
export function pointerKeys(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** @returns an operation that leads to the same, from a deeper root; undefined for a test, which changes nothing */
export function textOperation(operation: FixOperation, root: readonly string[]): TextOperation | undefined {
  const { op, path, value } = operation;
  if (op === 'test') return undefined;
  if (op === 'move' || op === 'copy') throw new EditRefusal(`${op} is not written into files`);
  return { op, keys: [...root, ...pointerKeys(path)], value };
}

/**
 * Fixes first add what is missing around a value, then the value: as one addition it is written as people write it.
 * @returns operations with the same effect, what is added into an addition being a part of it
 */
export function folded(operations: readonly FixOperation[]): FixOperation[] {
  const result: FixOperation[] = [];
  for (const operation of operations) {
    const last = result.at(-1);
    const { op, path } = operation;
    if (op === 'add' && last?.op === 'add' && isJsonObject(last.value) && path.startsWith(`${last.path}/`)) {
      const value = applyPatch(last.value, [{ ...operation, path: path.slice(last.path.length) }]);
      result[result.length - 1] = { ...last, value };
    } else result.push(operation);
  }
  return result;
}

function editOf(text: string, root: Node | null, { op, keys, value }: TextOperation, layout: Layout): Edit {
  const key = keys.at(-1);
  if (key === undefined) throw new EditRefusal('it replaces the whole object');
  const collection = collectionAt(root, keys.slice(0, -1));
  if (op === 'remove') return removalOf(text, collection, key);
  if (value === undefined) throw new EditRefusal('it has no value');
  if (isMap(collection)) return pairEdit(text, collection, { key, value, layout });
  return itemEdit(text, collection, op, { key, value, layout });
}

interface Written {
  key: string;
  value: Json;
  layout: Layout;
}

function pairEdit(text: string, map: YAMLMap, { key, value, layout }: Written): Edit {
  const pair = pairOf(map, key);
  if (pair === undefined) return (map.flow === true ? addFlowPair : addBlockPair)(text, map, key, value, layout);
  if (map.flow !== true) return replaceBlockValue(text, map, pair, value, layout);
  return replaceFlowValue(text, pair.value, writtenPair(map, pair).afterColon, value, layout);
}

function itemEdit(text: string, seq: YAMLSeq, op: 'add' | 'replace', { key, value, layout }: Written): Edit {
  const index = key === '-' ? seq.items.length : Number(key);
  if (op === 'add') {
    if (seq.flow !== true) return addBlockItem(text, seq, index, value, layout);
    return addFlowItem(text, seq, index, value, layout);
  }
  if (seq.flow !== true) return replaceBlockItem(text, seq, index, value, layout);
  return replaceFlowValue(text, seq.items[index] as Node, 0, value, layout);
}

function removalOf(text: string, collection: YAMLMap | YAMLSeq, key: string): Edit {
  if (!isMap(collection)) {
    const index = Number(key);
    return collection.flow === true ? removeFlowMember(collection, index) : removeBlockItem(text, collection, index);
  }
  const pair = pairOf(collection, key);
  if (pair === undefined) throw new EditRefusal(`nothing is written at ${key}`);
  if (collection.flow !== true) return removeBlockPair(text, collection, pair);
  return removeFlowMember(collection, collection.items.indexOf(pair as never));
}
