import type { JsonObject } from '#kernel';
import type { TextPosition } from './line-index.js';
import type { ManifestErrorCode } from './manifest-limits.js';
import { locateIn, type Positions } from './positions.js';
import type { BuildWarning } from './yaml-build.js';

/** Why a document is no Kubernetes object, and where. */
export interface ManifestError extends TextPosition {
  code: ManifestErrorCode;
  message: string;
}

export interface ManifestWarning extends TextPosition {
  code: BuildWarning['code'];
  message: string;
}

/** A document as plain data: what can be sent between threads. */
export interface ManifestDocumentData {
  /** Its place among the documents of the text, from 0, the ignored ones counted. */
  index: number;
  /** The file, where the caller named one. */
  path?: string;
  /** Where its contents begin. */
  line: number;
  column: number;
  /** `ignored`: there is nothing in it. */
  status: 'ok' | 'invalid' | 'ignored';
  /** A JSON object with `apiVersion` and `kind`; there where status is `ok`. */
  object?: JsonObject;
  /** There where status is `invalid`. */
  error?: ManifestError;
  warnings: ManifestWarning[];
  /** There where the object was an item of a `List`: `items[3]`. */
  itemPath?: string;
  /** There where they were asked for. */
  positions?: Positions;
}

/** One document of a manifest, or one item of a `List` in it. */
export interface ManifestDocument extends ManifestDocumentData {
  /**
   * @param path dotted from the object's root, as findings have it
   * @returns where it was written, or the nearest place around it that is there; without positions the document's own
   */
  locate: (path: string) => TextPosition;
}

/** Gives plain data its `locate` back. */
export function withLocate(data: ManifestDocumentData): ManifestDocument {
  const { object, positions } = data;
  return {
    ...data,
    locate: (path) =>
      object && positions ? locateIn(positions, object, path) : { line: data.line, column: data.column },
  };
}
