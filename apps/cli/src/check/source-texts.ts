import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { renderedSections } from '#judging';
import { DEFAULT_MANIFEST_LIMITS } from '#kube';
import { CliError } from '../cli-error.js';
import { type SourceFile, type Sources, STDIN } from './sources.js';
import { unreadable, type UnreadDocument } from './unreadable.js';

/** One text that is to be read, and under which name. */
export interface SourceText {
  /** As results call it: of a rendered stream, the file that this section of it was rendered from. */
  path: string;
  content: Uint8Array | string;
  /** Where it was read from; undefined for standard input. */
  file?: string;
  /** The line of the text that results count from, from 1. */
  firstLine: number;
}

/** Texts as judging takes them. */
export interface UnnamedText {
  /** Null for what came by standard input: judging names its documents by what their renderer noted. */
  path: string | null;
  content: string;
}

/** What was found, read. */
export interface SourceTexts {
  texts: SourceText[];
  /** Files and folders of which nothing could be read. */
  unreadable: UnreadDocument[];
}

/** One byte more than is read, so that the reader says that it is too much. */
const MOST = DEFAULT_MANIFEST_LIMITS.bytes + 1;
const CHUNK = 4 * 1024;

/** Without these words a text holds no object, in whatever encoding that ASCII is a part of. */
const WORDS = ['apiVersion', 'kind'];
/** These say what they are by their name. */
const SAYS_BY_NAME = /^(?:Chart|kustomization)\.ya?ml$/i;
const UTF16_MARKS = [0xfeff, 0xfffe];

/**
 * @param sources what was found
 * @returns their texts, standard input last; files that nobody named and that speak of nothing like an object are left out
 * @throws CliError 2 where standard input can't be read
 */
export async function readSources({ files, stdin, unreadable: before }: Sources): Promise<SourceTexts> {
  const read: SourceTexts = { texts: [], unreadable: [...before] };
  for (const source of files) {
    try {
      const content = contentOf(source.file);
      if (source.named || mayHoldObjects(source, content))
        read.texts.push({ path: source.path, content, file: source.file, firstLine: 1 });
    } catch (error) {
      read.unreadable.push(unreadable(source.path, error));
    }
  }
  if (stdin) read.texts.push(...sectionsOf(await textOfStdin()));
  return read;
}

/**
 * No more of a file than is read of a manifest: it may be a device, or huge. One after another and at once: ten thousand
 * small files take a tenth of the time that they take by turns with whatever else there is to do.
 */
function contentOf(file: string): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < MOST) {
      const buffer = Buffer.allocUnsafe(Math.min(MOST, Math.max(size + 1 - length, CHUNK)));
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

function mayHoldObjects({ path }: SourceFile, content: Uint8Array): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (SAYS_BY_NAME.test(basename(path))) return true;
  if (bytes.length >= 2 && UTF16_MARKS.includes(bytes.readUInt16LE(0))) return true;
  return WORDS.every((word) => bytes.includes(word));
}

async function textOfStdin(): Promise<string> {
  if (process.stdin.isTTY === true) process.stderr.write('bylaw: reading from standard input\n');
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > STDIN_MOST) throw new CliError(`standard input: more than ${STDIN_MOST} bytes; give it in parts`, 2);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`standard input: ${(error as Error).message}`, 2);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A stream is read in its sections, each of which may be as long as a file. */
const STDIN_MOST = 16 * DEFAULT_MANIFEST_LIMITS.bytes;

/** Each keeps the comment that names it. */
function sectionsOf(text: string): SourceText[] {
  const sections = renderedSections(text);
  const ends = [...sections.map(({ from }) => from), text.length];
  const named = sections.map(({ path, from, line, firstLine }, index): SourceText => {
    return { path, content: text.slice(from, ends[index + 1]), firstLine: firstLine - line + 1 };
  });
  const before: SourceText = { path: STDIN, content: text.slice(0, ends[0]), firstLine: 1 };
  return [before, ...named].filter(({ content }) => content.length > 0 && String(content).trim() !== '');
}
