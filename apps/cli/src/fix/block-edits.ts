import { isCollection, isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Json } from '#kernel';
import { columnOf, type Edit, EditRefusal, lineEnd, lineStart } from './edit.js';
import { blockLines, flowText, indented, isNested, type Layout, pairLines, scalarText } from './layout.js';
import { contentEnd, dashOf, isEmpty, writtenPair } from './nodes.js';

/** @returns a further pair below the last one of a block mapping */
export function addBlockPair(text: string, map: YAMLMap, key: string, value: Json, layout: Layout): Edit {
  const [first] = map.items as Pair<Node, Node | null>[];
  if (first === undefined) throw new EditRefusal('there is nothing beside which it could be written');
  const column = columnOf(text, writtenPair(map, first).keyStart);
  return insertLines(text, contentEnd(map, 0), indented(pairLines(key, value, layout), column), layout);
}

/** @returns another value of a pair in a block mapping */
export function replaceBlockValue(
  text: string,
  map: YAMLMap,
  pair: Pair<Node, Node | null>,
  value: Json,
  layout: Layout,
): Edit {
  const { keyStart, afterColon } = writtenPair(map, pair);
  const old = pair.value;
  const end = contentEnd(old, afterColon);
  const from = old === null || isEmpty(old) ? afterColon : (old.range?.[0] ?? afterColon);
  if (!isNested(value) && !isBlockCollection(old)) {
    const lines = /[\r\n]/.test(text[end - 1] ?? '') ? layout.eol : '';
    return { from, to: end, text: (from === afterColon ? ' ' : '') + scalarText(value, old, layout) + lines };
  }
  // What stands behind the colon of a block collection is a comment, which stays.
  const comment = isBlockCollection(old) ? (text.slice(afterColon, from).split(/\r?\n/, 1)[0] ?? '') : '';
  if (!isNested(value) || !isBlank(restOfLine(text, end)))
    return { from: afterColon, to: end, text: ` ${flowText(value, layout)}${comment}` };
  const lines = indented(pairLines('k', value, layout).slice(1), columnOf(text, keyStart));
  return { from: afterColon, to: end, text: comment + layout.eol + lines.join(layout.eol) };
}

/** @returns a block mapping without a pair */
export function removeBlockPair(text: string, map: YAMLMap, pair: Pair<Node, Node | null>): Edit {
  const { index, keyStart, afterColon } = writtenPair(map, pair);
  const end = contentEnd(pair.value, afterColon);
  if (map.items.length === 1) return { from: keyStart, to: end, text: '{}' };
  const start = lineStart(text, keyStart);
  if (isBlank(text.slice(start, keyStart))) return { from: start, to: lineEnd(text, end), text: '' };
  // The first of an item: the next one takes its place behind the dash.
  const next = map.items[index + 1] as Pair<Node, Node | null> | undefined;
  if (next === undefined) throw new EditRefusal('it shares its line');
  return { from: keyStart, to: writtenPair(map, next).keyStart, text: '' };
}

/** @returns a further item of a block sequence, before the one of that index */
export function addBlockItem(text: string, seq: YAMLSeq, index: number, value: Json, layout: Layout): Edit {
  const lines = itemLines(value, columnOf(text, dashOf(seq, 0)), layout);
  if (index >= seq.items.length) return insertLines(text, contentEnd(seq, 0), lines, layout);
  const dash = dashOf(seq, index);
  const start = lineStart(text, dash);
  if (!isBlank(text.slice(start, dash))) throw new EditRefusal('the item before which it belongs shares its line');
  return { from: start, to: start, text: lines.map((line) => line + layout.eol).join('') };
}

/** @returns another value of an item */
export function replaceBlockItem(text: string, seq: YAMLSeq, index: number, value: Json, layout: Layout): Edit {
  const old = seq.items[index] as Node | null;
  const afterDash = dashOf(seq, index) + 1;
  const end = contentEnd(old, afterDash);
  if (isScalar(old) && !isEmpty(old) && !isNested(value))
    return { from: old.range?.[0] ?? afterDash, to: end, text: scalarText(value, old, layout) };
  const [first = '', ...others] = itemLines(value, afterDash - 1 - lineStart(text, afterDash - 1), layout);
  return { from: afterDash, to: end, text: [first.trimStart().slice(1), ...others].join(layout.eol) };
}

/** @returns a block sequence without an item */
export function removeBlockItem(text: string, seq: YAMLSeq, index: number): Edit {
  const dash = dashOf(seq, index);
  const end = contentEnd(seq.items[index] as Node | null, dash + 1);
  // Further in than its key, which it may not stand below.
  if (seq.items.length === 1) return { from: dash, to: end, text: '  []' };
  const start = lineStart(text, dash);
  if (!isBlank(text.slice(start, dash))) throw new EditRefusal('the item shares its line');
  return { from: start, to: lineEnd(text, end), text: '' };
}

function itemLines(value: Json, column: number, layout: Layout): string[] {
  const [first = '', ...others] = isNested(value) ? blockLines(value, layout) : [flowText(value, layout)];
  return [`${' '.repeat(column)}- ${first}`, ...indented(others, column + 2)];
}

function insertLines(text: string, after: number, lines: readonly string[], { eol }: Layout): Edit {
  const at = lineEnd(text, after);
  const endsLine = at === 0 || text[at - 1] === '\n';
  return { from: at, to: at, text: endsLine ? lines.map((line) => line + eol).join('') : eol + lines.join(eol) };
}

function isBlockCollection(node: Node | null): boolean {
  return isCollection(node) && node.flow !== true;
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function restOfLine(text: string, offset: number): string {
  return text.slice(offset, lineEnd(text, offset));
}
