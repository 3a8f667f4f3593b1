import { isMap, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Json } from '#kernel';
import { type Edit, EditRefusal, lineStart } from './edit.js';
import { braced, flowMember, flowPair, indented, type Layout, pairLines } from './layout.js';
import { contentEnd, writtenPair } from './nodes.js';

type FlowCollection = YAMLMap | YAMLSeq;

/** @returns a further pair at the end of a flow mapping */
export function addFlowPair(text: string, map: YAMLMap, key: string, value: Json, layout: Layout): Edit {
  const open = map.range?.[0] ?? 0;
  const before = marginOf(text, open);
  // An empty mapping with a line to itself is one that a fix has emptied.
  if (map.items.length === 0 && !layout.json && lineStart(text, open) + before.length === open) {
    const [first = '', ...others] = pairLines(key, value, layout);
    return {
      from: open,
      to: contentEnd(map, open),
      text: [first, ...indented(others, before.length)].join(layout.eol),
    };
  }
  return insertMember(text, map, map.items.length, {
    layout,
    written: (margin) => pairText(key, value, margin, layout),
  });
}

/** @returns a further item of a flow sequence, before the one of that index */
export function addFlowItem(text: string, seq: YAMLSeq, index: number, value: Json, layout: Layout): Edit {
  return insertMember(text, seq, index, { layout, written: (margin) => valueText(value, margin, layout) });
}

/** @returns another value at the place of one in a flow collection */
export function replaceFlowValue(text: string, old: Node | null, fallback: number, value: Json, layout: Layout): Edit {
  const from = old?.range?.[0] ?? fallback;
  const margin = spansLines(text, old) ? marginOf(text, from) : undefined;
  return { from, to: contentEnd(old, fallback), text: valueText(value, margin, layout) };
}

/** @returns a flow collection without a member, and without the comma that set it apart */
export function removeFlowMember(collection: FlowCollection, index: number): Edit {
  const [start, end] = memberRange(collection, index);
  const { range, items } = collection;
  if (items.length === 1 && range != null) return { from: range[0] + 1, to: range[1] - 1, text: '' };
  if (index + 1 < collection.items.length) return { from: start, to: memberRange(collection, index + 1)[0], text: '' };
  return { from: index === 0 ? start : memberRange(collection, index - 1)[1], to: end, text: '' };
}

/** Members that have lines of their own get a new one beside them. */
function insertMember(
  text: string,
  collection: FlowCollection,
  index: number,
  { layout, written }: { layout: Layout; written: (margin: string | undefined) => string },
): Edit {
  const open = collection.range?.[0];
  if (open === undefined) throw new EditRefusal('nobody knows where it is written');
  if (collection.items.length === 0) {
    const member = written(undefined);
    const filled = isMap(collection) ? braced(member, layout) : `[${member}]`;
    return { from: open, to: contentEnd(collection, open), text: filled };
  }
  const [first] = memberRange(collection, 0);
  const isTall = text.slice(open, first).includes('\n');
  const margin = isTall ? marginOf(text, first) : undefined;
  const gap = margin === undefined ? gapOf(text, collection) : layout.eol + margin;
  if (index < collection.items.length) {
    const [at] = memberRange(collection, index);
    return { from: at, to: at, text: `${written(margin)},${gap}` };
  }
  const [, at] = memberRange(collection, collection.items.length - 1);
  return { from: at, to: at, text: `,${gap}${written(margin)}` };
}

/** What was minified stays so. */
function gapOf(text: string, collection: FlowCollection): string {
  if (collection.items.length < 2) return ' ';
  const between = text.slice(memberRange(collection, 0)[1], memberRange(collection, 1)[0]);
  return /\s/.test(between) ? ' ' : '';
}

function memberRange(collection: FlowCollection, index: number): [number, number] {
  if (isMap(collection)) {
    const pair = collection.items[index] as Pair<Node, Node | null>;
    const { keyStart, afterColon } = writtenPair(collection, pair);
    return [keyStart, contentEnd(pair.value, afterColon)];
  }
  const { range } = collection.items[index] as Node;
  if (range == null) throw new EditRefusal('nobody knows where it is written');
  return [range[0], range[1]];
}

function pairText(key: string, value: Json, margin: string | undefined, layout: Layout): string {
  if (!layout.json) return flowPair(key, value, layout);
  return `${JSON.stringify(key)}: ${valueText(value, margin, layout)}`;
}

/** @param margin of the lines, of JSON that is written over several */
function valueText(value: Json, margin: string | undefined, layout: Layout): string {
  if (!layout.json || margin === undefined) return flowMember(value, layout);
  return JSON.stringify(value, null, layout.jsonIndent).replaceAll('\n', layout.eol + margin);
}

function spansLines(text: string, node: Node | null): boolean {
  return node?.range != null && text.slice(node.range[0], node.range[1]).includes('\n');
}

/** What a line begins with. */
function marginOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}
