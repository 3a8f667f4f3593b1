import type { Readable } from 'node:stream';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { AppError } from '#kernel';
import { IMPORT_DOCUMENTS_MAX } from '#contracts';

/** Of all files of an archive together, in bytes. */
const UNPACKED_MAX = 64 * 1024 * 1024;
/** An archive of texts is packed to a tenth; beyond this it was made to be large. */
const RATIO_MAX = 100;
/** So much any archive may become. */
const RATIO_FREE = 1024 * 1024;

/** A file of an archive. */
export interface ArchivedFile {
  path: string;
  content: Buffer;
}

/** @returns whether the bytes begin as a zip archive does */
export function isArchive(content: Buffer): boolean {
  return content.length >= 4 && content.readUInt32LE(0) === 0x04034b50;
}

/**
 * Unpacks a zip archive, as far as its sizes are what it says and no more than is taken.
 * @param archive bytes
 * @param name what it is called, for messages
 * @returns its files in its own order, folders and what desktops leave in them not among them
 * @throws AppError `unprocessable` where it is none, or too much
 */
export async function unpack(archive: Buffer, name: string): Promise<ArchivedFile[]> {
  try {
    return await unpackAll(archive, name);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refusal(name, `can’t be unpacked: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

async function unpackAll(archive: Buffer, name: string): Promise<ArchivedFile[]> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true, validateEntrySizes: true, strictFileNames: true });
  if (zip.entryCount > IMPORT_DOCUMENTS_MAX)
    throw refusal(name, `has ${zip.entryCount} files: at most ${IMPORT_DOCUMENTS_MAX} are imported at once`);
  const files: ArchivedFile[] = [];
  let unpacked = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/') || /(?:^|\/)(?:__MACOSX\/|\.DS_Store$)/.test(entry.fileName)) continue;
    if (entry.isEncrypted()) throw refusal(name, `is encrypted: ${entry.fileName}`);
    // What an entry says of its size is held against it while it is unpacked.
    unpacked += entry.uncompressedSize;
    if (unpacked > UNPACKED_MAX) throw refusal(name, `unpacks to more than ${UNPACKED_MAX} bytes (64 MiB): split it`);
    if (unpacked > RATIO_FREE + archive.length * RATIO_MAX)
      throw refusal(name, `unpacks to more than ${RATIO_MAX} times its size`);
    files.push({ path: entry.fileName, content: await contentOf(zip, entry) });
  }
  return files;
}

async function contentOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function refusal(name: string, what: string, cause?: unknown): AppError {
  return new AppError('unprocessable', `${name} ${what}. Nothing was imported.`, { cause });
}
