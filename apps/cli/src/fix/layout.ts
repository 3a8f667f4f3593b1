import { Document, isCollection, isMap, isScalar, isSeq, Scalar, visit, type YAMLMap } from 'yaml';
import type { Json, JsonObject } from '#kernel';
import { columnOf, endOfLine } from './edit.js';

/** How the author of a document writes, as far as something new is to look the same. */
export interface Layout {
  eol: '\r\n' | '\n';
  /** Spaces that a level is indented by. */
  indent: number;
  /** Whether the dashes of a list stand further in than the key that it belongs to. */
  indentSeq: boolean;
  /** Whether flow mappings have a space within their braces. */
  padded: boolean;
  /** Whether the document is JSON. */
  json: boolean;
  /** What a level of JSON is indented by: spaces or tabs. */
  jsonIndent: string;
}

/** Kubernetes reads YAML 1.1, in which `yes` and `0644` are no texts. */
const YAML = { version: '1.1' } as const;

/**
 * @param text of a document
 * @param document the same, as it was parsed
 * @returns its layout, by the first places that show it
 */
export function layoutOf(text: string, document: Document.Parsed): Layout {
  const found: { indent?: number; indentSeq?: boolean; padded?: boolean } = {};
  visit(document, {
    Map: (_key, { flow, items, range }) => {
      if (flow === true && items.length > 0 && range != null) found.padded ??= text[range[0] + 1] === ' ';
    },
    Pair: (_key, { key, value }) => {
      if (!isScalar(key) || key.range == null || !isCollection(value) || value.flow === true) return undefined;
      const first = isMap(value) ? value.items[0]?.key : value.items[0];
      const range = (first as Scalar | undefined)?.range;
      if (range == null) return undefined;
      const further = columnOf(text, range[0]) - columnOf(text, key.range[0]);
      if (isMap(value) && further > 0) found.indent ??= further;
      if (isSeq(value)) found.indentSeq ??= further > 2;
      return undefined;
    },
  });
  return {
    eol: endOfLine(text),
    indent: found.indent ?? 2,
    indentSeq: found.indentSeq ?? true,
    padded: found.padded ?? true,
    json: isJson(text),
    jsonIndent: /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ',
  };
}

/** @returns lines of `key: value` in block style, without indentation */
export function pairLines(key: string, value: Json, layout: Layout): string[] {
  return blockLines({ [key]: value }, layout);
}

/** @returns a value in block style, without indentation */
export function blockLines(value: Json, { indent, indentSeq }: Layout): string[] {
  return new Document(value, YAML).toString({ indent, indentSeq, lineWidth: 0 }).trimEnd().split('\n');
}

/** @returns a value within one line, as JSON where the document is */
export function flowText(value: Json, layout: Layout): string {
  if (layout.json) return JSON.stringify(value);
  if (!isNested(value)) return bareText(value);
  if (Array.isArray(value)) return `[${value.map((item) => flowMember(item, layout)).join(', ')}]`;
  const pairs = Object.entries(value as JsonObject).map(([key, member]) => flowPair(key, member, layout));
  return braced(pairs.join(', '), layout);
}

/** @returns members of a flow mapping within their braces */
export function braced(members: string, { padded, json }: Layout): string {
  return padded && !json ? `{ ${members} }` : `{${members}}`;
}

/** @returns a value as a member of a flow collection, where a comma would end a text without quotes */
export function flowMember(value: Json, layout: Layout): string {
  return layout.json || isNested(value) ? flowText(value, layout) : bareText([value]).slice(1, -1);
}

/** @returns `key: value` within one line, as in a flow mapping */
export function flowPair(key: string, value: Json, layout: Layout): string {
  const name = layout.json ? JSON.stringify(key) : bareText({ [key]: 0 }).slice(1, -': 0}'.length);
  return `${name}: ${flowMember(value, layout)}`;
}

/** In flow style and without padding: for what holds at most one thing. */
function bareText(value: Json): string {
  const document = new Document(value, YAML);
  visit(document, {
    Collection: (_key, node) => {
      (node as YAMLMap).flow = true;
    },
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && node.value.includes('\n')) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd();
}

/**
 * @param value plain
 * @param old what stood there: a text stays in the quotes that it had
 */
export function scalarText(value: Json, old: unknown, layout: Layout): string {
  const quoted = isScalar(old) && (old.type === 'QUOTE_DOUBLE' || old.type === 'QUOTE_SINGLE') ? old.type : undefined;
  if (layout.json || typeof value !== 'string' || quoted === undefined) return flowText(value, layout);
  const scalar = new Scalar(value);
  scalar.type = value.includes('\n') ? Scalar.QUOTE_DOUBLE : quoted;
  return new Document(scalar, YAML).toString({ lineWidth: 0 }).trimEnd();
}

/** @returns lines, each after so many spaces; empty ones stay empty */
export function indented(lines: readonly string[], spaces: number): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(spaces) + line));
}

/** @returns whether a value has something in it that takes lines of its own */
export function isNested(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
