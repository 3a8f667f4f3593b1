import { AppError, isStorable, UNSTORABLE, unstorableAt } from '#kernel';
import { IMPORT_DOCUMENTS_MAX } from '#contracts';
import { expandLists, type ManifestDocument, readManifestsIsolated } from '#kube';
import { isArchive, unpack } from './import-archive.rules.js';
import type { ForeignDocument } from './import.rules.js';

/** What was handed over: a file, or a stream without a name. */
export interface ImportFile {
  path?: string;
  content: string | Buffer;
}

/** For reading all of one import, in milliseconds. */
const READ_WITHIN_MS = 30_000;
const MANIFEST = /\.(?:ya?ml|json)$/i;
const REGO = /\.rego$/i;

type Content = ForeignDocument['content'];

/**
 * Reads what was handed over, document by document: YAML and JSON streams, Lists, Rego, and zip archives of them. A broken
 * document leaves the others alone.
 * @param files in their order, which is that of the documents
 * @throws AppError `unprocessable` where there are too many, or an archive is none
 */
export async function readImport(files: readonly ImportFile[]): Promise<ForeignDocument[]> {
  const begun = performance.now();
  const documents: ForeignDocument[] = [];
  for (const file of await unpacked(files)) {
    const { path } = file;
    const left = READ_WITHIN_MS - (performance.now() - begun);
    for (const content of await contentsOf(file, left)) {
      documents.push({ index: documents.length, ...(path !== undefined && { path }), content });
      if (documents.length > IMPORT_DOCUMENTS_MAX) throw tooMany();
    }
  }
  return documents;
}

async function unpacked(files: readonly ImportFile[]): Promise<ImportFile[]> {
  const all: ImportFile[] = [];
  for (const file of files) {
    const { content, path = 'The archive' } = file;
    if (typeof content !== 'string' && isArchive(content)) all.push(...(await unpack(content, path)));
    else all.push(file);
    if (all.length > IMPORT_DOCUMENTS_MAX) throw tooMany();
  }
  return all;
}

async function contentsOf({ path, content }: ImportFile, withinMs: number): Promise<Content[]> {
  if (path !== undefined && !isStorable(path)) return [{ refused: `its path ${UNSTORABLE}` }];
  if (path !== undefined && REGO.test(path)) return [regoOf(content)];
  if (path !== undefined && !MANIFEST.test(path)) return [{ ignored: 'neither YAML, JSON nor Rego by its name' }];
  if (withinMs <= 0) return [{ refused: 'there was no time left to read it: import it by itself' }];
  const limits = { documents: IMPORT_DOCUMENTS_MAX + 1 };
  const { documents } = await readManifestsIsolated(content, { ...(path !== undefined && { path }), limits }, withinMs);
  return documents.flatMap((document) => expandLists(document)).map(manifestOf);
}

function regoOf(content: string | Buffer): Content {
  let rego: string;
  try {
    rego = typeof content === 'string' ? content : new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return { refused: 'not UTF-8 text: save the file as UTF-8' };
  }
  return isStorable(rego) ? { rego } : { refused: `it ${UNSTORABLE}` };
}

function manifestOf({ status, object, error }: ManifestDocument): Content {
  if (status === 'ignored') return { ignored: 'there is nothing in it' };
  if (object === undefined) return { refused: `${error?.line}:${error?.column} ${error?.message}` };
  const broken = unstorableAt(object);
  return broken === undefined ? { object } : { refused: `/${broken.join('/')} ${UNSTORABLE}` };
}

function tooMany(): AppError {
  const detail = `There are more than ${IMPORT_DOCUMENTS_MAX} documents: import them in parts. Nothing was imported.`;
  return new AppError('unprocessable', detail);
}
