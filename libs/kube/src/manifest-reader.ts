import { Composer, type Document, type Node } from 'yaml';
import type { JsonObject } from '#kernel';
import { LineIndex } from './line-index.js';
import { splitDocuments, type ManifestChunk } from './manifest-chunks.js';
import { withLocate, type ManifestDocument, type ManifestDocumentData } from './manifest-document.js';
import { decodeManifest } from './manifest-text.js';
import { DEFAULT_MANIFEST_LIMITS, ManifestRefusal, type ManifestLimits } from './manifest-limits.js';
import { whyNotKubernetes } from './manifest-object.js';
import { encodePositions } from './positions.js';
import { YamlBuilder, type AliasBudget, type Built } from './yaml-build.js';
import { parseTokens, type DocumentTokens } from './yaml-tokens.js';

export interface ReadManifestsOptions {
  /** Name of the file, for messages. */
  path?: string;
  limits?: Partial<ManifestLimits>;
  /** Whether to keep where each value was written, 12 bytes a value; true unless set. */
  positions?: boolean;
}

/** Where a template engine's expression stands for a value, a key or a whole line. */
const TEMPLATE = /(?:^|[\r\n])[ \t]*(?:- |[\w./-]+:[ \t]+)*\{\{/;

interface Reading {
  text: string;
  lines: LineIndex;
  limits: ManifestLimits;
  budget: AliasBudget;
  options: ReadManifestsOptions;
  /** Offsets at which bytes were no UTF-8. */
  badBytes: boolean;
}

/**
 * Reads YAML or JSON as Kubernetes does, many documents at once. Each is parsed on its own: a broken one is answered as
 * `invalid`, with code, line and column, and leaves the others alone. Never throws for what the text holds.
 * @param text the manifest; bytes must be UTF-8 (or UTF-16 with its mark)
 * @param options file name, limits, whether to keep positions
 * @returns one entry per document in order; a text without any document gives none
 */
export function readManifests(
  text: string | Uint8Array,
  options: ReadManifestsOptions = {},
): { documents: ManifestDocument[] } {
  const limits = { ...DEFAULT_MANIFEST_LIMITS, ...options.limits };
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  if (bytes > limits.bytes) {
    const message = `${bytes} bytes, more than the ${limits.bytes} that are read; split it`;
    return { documents: [wholeTextRefused(new ManifestRefusal('limit_bytes', message, 0), options)] };
  }
  const decoded = decodeManifest(text);
  const reading: Reading = {
    ...decoded,
    lines: new LineIndex(decoded.text),
    limits,
    budget: { left: limits.aliasedNodes },
    options,
  };
  return { documents: readAll(reading) };
}

/** The answer for a text of which nothing was read. */
export function wholeTextRefused(refusal: ManifestRefusal, options: ReadManifestsOptions): ManifestDocument {
  const { code, message } = refusal;
  return withLocate({
    index: 0,
    ...(options.path !== undefined && { path: options.path }),
    line: 1,
    column: 1,
    status: 'invalid',
    error: { code, message, line: 1, column: 1 },
    warnings: [],
  });
}

function readAll(reading: Reading): ManifestDocument[] {
  const documents: ManifestDocument[] = [];
  for (const { empty, ...chunk } of splitDocuments(reading.text)) {
    let open: ManifestChunk | undefined = chunk;
    while (open) {
      const index = documents.length;
      if (index >= reading.limits.documents) {
        const message = `more than ${reading.limits.documents} documents; the rest was not read`;
        documents.push(refused(new ManifestRefusal('limit_documents', message, open.offset), index, open, reading));
        return documents;
      }
      const read: { document: ManifestDocument; rest?: ManifestChunk } = empty
        ? { document: withLocate(outline(index, open.offset, 'ignored', reading)) }
        : readDocument(open, index, reading);
      documents.push(read.document);
      open = read.rest;
    }
  }
  return documents;
}

function outline(
  index: number,
  offset: number,
  status: ManifestDocumentData['status'],
  { lines, options }: Reading,
): ManifestDocumentData {
  const path = options.path === undefined ? {} : { path: options.path };
  return { index, ...path, ...lines.at(offset), status, warnings: [] };
}

function refused(refusal: ManifestRefusal, index: number, chunk: ManifestChunk, reading: Reading): ManifestDocument {
  const error = explained(refusal, chunk, reading);
  return withLocate({
    ...outline(index, firstContent(chunk, reading), 'invalid', reading),
    error: { code: error.code, message: error.message, ...reading.lines.at(error.offset) },
  });
}

function firstContent({ start, end }: ManifestChunk, { text }: Reading): number {
  const skipped = /^(?:\s|#[^\r\n]*)*/.exec(text.slice(start, end))?.[0].length ?? 0;
  return Math.min(start + skipped, Math.max(start, end - 1));
}

/** What looks like broken YAML is often a template that nobody rendered: saying so helps more. */
function explained(refusal: ManifestRefusal, chunk: ManifestChunk, { text }: Reading): ManifestRefusal {
  if (refusal.code.startsWith('limit_')) return refusal;
  const template = TEMPLATE.exec(text.slice(chunk.start, chunk.end));
  if (!template) return refusal;
  const offset = chunk.start + template.index + template[0].length - 2;
  const message = 'this is a template ({{ … }}): render it first (for example with helm template) and give the result';
  return new ManifestRefusal('template_markers', message, offset);
}

function readDocument(
  chunk: ManifestChunk,
  index: number,
  reading: Reading,
): { document: ManifestDocument; rest?: ManifestChunk } {
  let rest: ManifestChunk | undefined;
  try {
    refuseUnreadable(chunk, reading);
    const text = reading.text.slice(chunk.start, chunk.end).replace(/\r(?!\n)/g, '\n');
    const parsed = parseTokens(text, chunk.start, reading.limits);
    if (parsed.rest !== undefined) {
      rest = { offset: parsed.rest, start: parsed.rest, end: chunk.end, announced: true };
    }
    const contents = compose(parsed).contents as Node | null;
    const builder = new YamlBuilder(parsed.source, reading.limits, reading.budget);
    const built = contents ? builder.build(contents) : undefined;
    return { document: judge(built, builder, index, chunk, reading), ...(rest && { rest }) };
  } catch (error) {
    if (!(error instanceof ManifestRefusal)) throw error;
    return { document: refused(error, index, chunk, reading), ...(rest && { rest }) };
  }
}

/** What YAML 1.1 calls not printable, a lone surrogate included. */
const CONTROL = /[^\t\n\r\x20-\x7e\x85\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function refuseUnreadable({ start, end }: ManifestChunk, { text, badBytes }: Reading): void {
  const source = text.slice(start, end);
  const bad = badBytes ? source.indexOf('\ufffd') : -1;
  if (bad >= 0) {
    throw new ManifestRefusal('not_utf8', 'not UTF-8 text: save the file as UTF-8', start + bad);
  }
  const control = CONTROL.exec(source);
  if (control) {
    const code = (control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw new ManifestRefusal(
      'control_character',
      `control character U+${code}, which YAML doesn't allow`,
      start + control.index,
    );
  }
}

function compose({ tokens, source }: DocumentTokens): Document.Parsed {
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: false,
    logLevel: 'silent',
    keepSourceTokens: false,
  });
  const { length } = source.text;
  const [document, further] = [...composer.compose(tokens, true, length)];
  const error = document?.errors[0];
  if (!document || error) {
    const at = Math.min(error?.pos[0] ?? 0, Math.max(0, length - 1));
    const message = error?.message ?? 'nothing to read';
    const hint = message.startsWith('Unexpected') ? '; check the indentation and the quotes up to here' : '';
    throw new ManifestRefusal('yaml_syntax', `not valid YAML: ${message}${hint}`, source.original(at));
  }
  if (further) {
    const at = source.original(further.range[0]);
    throw new ManifestRefusal('yaml_syntax', 'a second document begins here: put --- before it', at);
  }
  return document;
}

function judge(
  built: Built | undefined,
  builder: YamlBuilder,
  index: number,
  chunk: ManifestChunk,
  reading: Reading,
): ManifestDocument {
  if (!built || built.value === null) return withLocate(outline(index, chunk.offset, 'ignored', reading));
  const { value, place } = built;
  const wrong = whyNotKubernetes(value);
  const key = wrong?.key;
  const at = (key === undefined || Array.isArray(place.children) ? undefined : place.children?.get(key)) ?? place;
  if (wrong) throw new ManifestRefusal(wrong.code, `not a Kubernetes object: ${wrong.message}`, at.offset);
  return withLocate({
    ...outline(index, place.offset, 'ok', reading),
    object: value as JsonObject,
    warnings: builder.warnings.map(({ code, message, offset }) => ({ code, message, ...reading.lines.at(offset) })),
    ...((reading.options.positions ?? true) && { positions: encodePositions(value, place, reading.lines) }),
  });
}
