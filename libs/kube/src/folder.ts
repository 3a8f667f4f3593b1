import type { JsonObject } from '#kernel';
import type { ObjectAttributes } from './attributes.js';
import { identityKey, type ObjectIdentity } from './identity.js';
import { expandLists } from './manifest-list.js';
import type { ManifestDocument, ManifestWarning } from './manifest-document.js';
import type { ManifestErrorCode, ManifestLimits } from './manifest-limits.js';
import { readManifests } from './manifest-reader.js';
import { normalise, type NormaliseOptions } from './normalise.js';

/** A file of a folder that stands for a cluster. */
export interface FolderFile {
  /** Relative to the folder, with `/` between its parts. */
  path: string;
  text: string | Uint8Array;
}

/** Where something was written. */
export interface FolderPlace {
  path: string;
  line: number;
  column: number;
}

/** An object of the folder, normalised. */
export interface FolderObject extends FolderPlace {
  object: JsonObject;
  identity: ObjectIdentity;
  attributes: ObjectAttributes;
}

/** What of the folder could not be taken. */
export interface FolderProblem extends FolderPlace {
  code: ManifestErrorCode | 'invalid_object' | 'duplicate';
  message: string;
  /** The field, where the problem is one of an object that was read. */
  field?: string;
  /** Of the object, where it is known; for `duplicate` where the copy that counts was written. */
  identity?: ObjectIdentity;
  winner?: FolderPlace;
}

/** What was taken and is worth a word, such as a duplicate key. */
export interface FolderWarning extends ManifestWarning {
  path: string;
}

export interface FolderContents {
  objects: FolderObject[];
  problems: FolderProblem[];
  warnings: FolderWarning[];
}

export interface FolderOptions extends NormaliseOptions {
  limits?: Partial<ManifestLimits>;
}

const MANIFEST = /\.(?:yaml|yml|json)$/;

/**
 * @param path of any file
 * @returns whether it is read as a manifest: `.yaml`, `.yml` and `.json`
 */
export function isManifestPath(path: string): boolean {
  return MANIFEST.test(path);
}

function inByteOrder(a: FolderFile, b: FolderFile): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

class FolderReading {
  readonly contents: FolderContents = { objects: [], problems: [], warnings: [] };
  private readonly taken = new Map<string, FolderPlace>();

  constructor(private readonly options: FolderOptions) {}

  take(document: ManifestDocument, path: string): void {
    const place = { path, line: document.line, column: document.column };
    this.contents.warnings.push(...document.warnings.map((warning) => ({ ...warning, path })));
    if (document.error) {
      const { code, message, line, column } = document.error;
      this.contents.problems.push({ code, message, path, line, column });
    }
    if (document.object) this.object(document, document.object, place);
  }

  private object(document: ManifestDocument, written: JsonObject, place: FolderPlace): void {
    const result = normalise(written, this.options);
    if (!result.ok) {
      for (const { path: field, message } of result.problems) {
        const at = document.locate(field);
        this.contents.problems.push({ code: 'invalid_object', message: `${field} ${message}`, field, ...place, ...at });
      }
      return;
    }
    const { object, identity, attributes } = result;
    const winner = this.taken.get(identityKey(identity));
    if (winner) {
      const message = `the same object stands at ${winner.path}:${winner.line}, which counts; remove one of them`;
      this.contents.problems.push({ code: 'duplicate', message, identity, winner, ...place });
      return;
    }
    this.taken.set(identityKey(identity), place);
    this.contents.objects.push({ object, identity, attributes, ...place });
  }
}

/**
 * Reads a folder as a cluster (DESIGN.md F8): manifests only; of one object's copies the first path in byte order wins,
 * and in a file the first; the others are reported as `duplicate`. The order in which the files are given is of no matter.
 * @param files of the folder, each path once
 * @param options namespace to assume, HMAC key, limits of each file
 */
export function readFolder(files: Iterable<FolderFile>, options: FolderOptions = {}): FolderContents {
  const reading = new FolderReading(options);
  for (const { path, text } of [...files].filter((file) => isManifestPath(file.path)).sort(inByteOrder)) {
    const { documents } = readManifests(text, { path, ...(options.limits && { limits: options.limits }) });
    for (const document of documents.flatMap(expandLists)) reading.take(document, path);
  }
  return reading.contents;
}
