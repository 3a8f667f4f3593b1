import { AppError } from '#kernel';
import { VALIDATION_OBJECTS_MAX, type ValidationDocument } from '#contracts';
import { expandLists, type ManifestDocument, normalise } from '#kube';
import { objectRef } from './answer-shapes.rules.js';
import { mapBreathing } from './breathing.js';
import { type IgnoreComment, ignoresIn } from './ignore-comments.rules.js';
import type { JudgedObject } from './judge.js';
import { SourcesToRender, unlessToRender } from './rendering.rules.js';
import { type RenderedSection, renderedSections, sectionAt, within } from './source-text.js';
import { documentsOf, noSpecs, type ValidationInput } from './validation-input.rules.js';

/** One document that was posted, and the object in it, where there is a good one. */
export interface PostedDocument {
  document: ManifestDocument;
  /** Name of its file, or of the file that it was rendered from; null where the text came alone. */
  path: string | null;
  /** Comments of its file that ask for something to be ignored. */
  comments: readonly IgnoreComment[];
  /** Line of the text that its places are counted from. */
  firstLine: number;
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
  const posted = postedOf(await readPostedDocuments(input, read));
  const { documents, objects } = posted;
  if (objects.length === 0 && documents.some(({ status }) => status === 'invalid')) {
    throw new AppError('all_documents_invalid', 'None of the documents is a valid Kubernetes object; each says why.', {
      extra: { documents },
    });
  }
  if (objects.length === 0) throw noSpecs('There is no object in what was posted', documents);
  if (objects.length > VALIDATION_OBJECTS_MAX) {
    throw new AppError(
      'body_too_large',
      `${objects.length} objects were posted; a validation takes at most ${VALIDATION_OBJECTS_MAX}: post them in parts.`,
    );
  }
  return posted;
}

/**
 * Reads what was posted, however little of it can be judged.
 * @param input what was posted
 * @param read reads each text
 * @returns one entry a document, Lists unfolded
 */
export async function readPostedDocuments(input: ValidationInput, read: ReadText): Promise<PostedDocument[]> {
  const { namespace } = input.about;
  return mapBreathing(await documentsIn(input, read), (one) => normalised(one, namespace));
}

/**
 * @param posted as `readPostedDocuments` gave it
 * @returns every document as it is answered, and the objects among them
 */
export function postedOf(posted: readonly PostedDocument[]): Posted {
  return {
    documents: posted.map((one, index) => documentAnswer(one, index)),
    objects: posted.filter((one): one is PostedObject => one.subject !== undefined),
  };
}

async function documentsIn(input: ValidationInput, readText: ReadText): Promise<PostedDocument[]> {
  const read: PostedDocument[] = [];
  const sources = new SourcesToRender(input.texts.flatMap(({ path }) => path ?? []));
  for (const { path, content } of input.texts) {
    // A file is called by its own name, whatever was rendered into it.
    const sections = path === null ? renderedSections(content) : [];
    const comments = commentsBySection(content, sections);
    for (const document of (await readText(content, path)).flatMap(expandLists)) {
      const section = sectionAt(sections, document.line);
      read.push({
        document: unlessToRender(document, path, sources),
        path: section?.path ?? path,
        comments: comments.get(section) ?? NO_COMMENTS,
        firstLine: section?.firstLine ?? 1,
      });
    }
  }
  for (const [index, value] of input.objects.entries()) {
    for (const document of documentsOf(value, index)) read.push({ document, path: null, comments: [], firstLine: 1 });
  }
  return read;
}

const NO_COMMENTS: readonly IgnoreComment[] = [];

function commentsBySection(
  text: string,
  sections: readonly RenderedSection[],
): ReadonlyMap<RenderedSection | undefined, readonly IgnoreComment[]> {
  const comments = new Map<RenderedSection | undefined, IgnoreComment[]>();
  for (const comment of ignoresIn(text)) {
    const section = sectionAt(sections, comment.line);
    const beside = comments.get(section);
    if (beside === undefined) comments.set(section, [comment]);
    else beside.push(comment);
  }
  return comments;
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

function documentAnswer({ document, path, subject, firstLine }: PostedDocument, index: number): ValidationDocument {
  const { warnings, error, status } = document;
  const warned = warnings.length > 0 && { warnings: warnings.map((one) => ({ ...one, ...within(one, firstLine) })) };
  if (subject !== undefined) {
    const { identity, object } = subject;
    return { index, path, status: 'ok', object: objectRef(identity, object), ...warned };
  }
  const why = error && { error: { ...error, ...within(error, firstLine) } };
  return { index, path, status: status === 'ok' ? 'invalid' : status, ...why, ...warned };
}
