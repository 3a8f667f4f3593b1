import { AppError } from '#kernel';
import { VALIDATION_OBJECTS_MAX, type ValidationDocument } from '#contracts';
import { expandLists, type ManifestDocument, normalise } from '#kube';
import { objectRef } from './answer-shapes.rules.js';
import type { JudgedObject } from './judge.js';
import { documentsOf, noSpecs, type ValidationInput } from './validation-input.rules.js';
import { unjudgedDocument } from './validation-result.rules.js';

/** One document that was posted, and the object in it, where there is a good one. */
export interface PostedDocument {
  document: ManifestDocument;
  /** Name of its file, null where the text came alone. */
  path: string | null;
  subject?: JudgedObject;
}

/** A document with an object that can be judged. */
export type PostedObject = Required<PostedDocument>;

/** What was posted, read. */
export interface Posted {
  documents: ValidationDocument[];
  objects: PostedObject[];
}

/** Reads a text of YAML or JSON into its documents, with their positions. */
export type ReadText = (content: string, path: string | null) => Promise<ManifestDocument[]>;

/**
 * @param input what was posted
 * @param read reads each text
 * @returns every document as it is answered, and the objects among them, normalised (V3)
 * @throws AppError `all_documents_invalid` and `no_specs` where nothing can be judged, `body_too_large` for too many objects
 */
export async function readPosted(input: ValidationInput, read: ReadText): Promise<Posted> {
  const posted = (await documentsIn(input, read)).map((one) => normalised(one, input.about.namespace));
  const documents = posted.map((one, index) => documentAnswer(one, index));
  const objects = posted.filter((one): one is PostedObject => one.subject !== undefined);
  if (objects.length === 0 && documents.some(({ status }) => status === 'invalid')) {
    throw new AppError('all_documents_invalid', 'None of the documents is a valid Kubernetes object; each says why.', {
      extra: { documents },
    });
  }
  if (objects.length === 0) throw noSpecs('There is no object in what was posted');
  if (objects.length > VALIDATION_OBJECTS_MAX) {
    throw new AppError(
      'body_too_large',
      `${objects.length} objects were posted; a validation takes at most ${VALIDATION_OBJECTS_MAX}: post them in parts.`,
    );
  }
  return { documents, objects };
}

async function documentsIn(input: ValidationInput, readText: ReadText): Promise<PostedDocument[]> {
  const read: PostedDocument[] = [];
  for (const { path, content } of input.texts) {
    const documents = await readText(content, path);
    for (const document of documents.flatMap(expandLists)) read.push({ document, path });
  }
  for (const [index, value] of input.objects.entries()) {
    for (const document of documentsOf(value, index)) read.push({ document, path: null });
  }
  return read;
}

function normalised(one: PostedDocument, namespace: string | undefined): PostedDocument {
  const { document } = one;
  if (document.object === undefined) return one;
  const result = normalise(document.object, namespace === undefined ? {} : { namespace });
  if (result.ok)
    return { ...one, subject: { identity: result.identity, object: result.object, path: one.path ?? undefined } };
  const [first] = result.problems;
  const place = document.locate(first?.path ?? '');
  const message = result.problems.map(({ path, message: why }) => `${path} ${why}`.trim()).join('; ');
  return { ...one, document: { ...document, status: 'invalid', error: { code: 'not_kubernetes', message, ...place } } };
}

function documentAnswer(one: PostedDocument, index: number): ValidationDocument {
  const warned = one.document.warnings.length > 0 && { warnings: one.document.warnings };
  if (one.subject === undefined) return { ...unjudgedDocument(one.document, one.path, index), ...warned };
  const { identity, object } = one.subject;
  return { index, path: one.path, status: 'ok', object: objectRef(identity, object), ...warned };
}
