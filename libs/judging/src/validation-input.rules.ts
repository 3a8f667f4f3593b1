import {
  AppError,
  isDeeperThan,
  isJsonObject,
  jsonPointer,
  UNSTORABLE,
  unstorableAt,
  type Json,
  type JsonObject,
} from '#kernel';
import { validateEnvelopeSchema, type ValidateEnvelope, type ValidationDocument } from '#contracts';
import { DEFAULT_MANIFEST_LIMITS, expandLists, whyNotKubernetes, withLocate, type ManifestDocument } from '#kube';

/** What was posted: texts that still have to be read, objects that came as JSON, and what was said about both. */
export interface ValidationInput {
  texts: { path: string | null; content: string }[];
  objects: unknown[];
  about: Omit<ValidateEnvelope, 'specs' | 'manifest' | 'files'>;
}

/**
 * Tells the forms of a JSON body apart: an envelope, one object, a `List`, or an array of objects.
 * @param body as it was parsed
 * @throws AppError `no_specs` where there is nothing to judge, `invalid_body` where the envelope is wrong
 */
export function readJsonBody(body: unknown): ValidationInput {
  if (Array.isArray(body)) return withObjects(body, {});
  if (!isJsonObject(body)) throw noSpecs('The body is neither an object nor an array');
  if ('apiVersion' in body || 'kind' in body) return withObjects([body], {});
  const parsed = validateEnvelopeSchema.safeParse(body);
  if (!parsed.success) {
    throw wrongEnvelope(parsed.error.issues.map(({ path, message }) => ({ path: path.map(String), message })));
  }
  const { specs, manifest, files, ...about } = parsed.data;
  const broken = unstorableAt({ ...about, files: files?.map(({ path }) => ({ path })) });
  if (broken !== undefined) throw wrongEnvelope([{ path: broken, message: UNSTORABLE }]);
  const texts: ValidationInput['texts'] = (files ?? []).map(({ path, content }) => ({ path, content }));
  if (manifest !== undefined) texts.push({ path: null, content: manifest });
  if (texts.length === 0) return withObjects(specs ?? [], about);
  return { texts, objects: specs ?? [], about };
}

/**
 * @param text a YAML stream
 * @throws AppError `no_specs` where it is empty
 */
export function readYamlBody(text: string): ValidationInput {
  if (text.trim() === '') throw noSpecs('The body is empty');
  return { texts: [{ path: null, content: text }], objects: [], about: {} };
}

/**
 * Turns an object that came as JSON into the form that documents of a text have, Lists unfolded.
 * @param value as it was posted
 * @param index its place among what was posted
 */
export function documentsOf(value: unknown, index: number): ManifestDocument[] {
  const at = { index, line: 1, column: 1, warnings: [] };
  const refuse = (code: 'limit_depth' | 'not_an_object' | 'not_kubernetes', message: string): ManifestDocument[] => [
    withLocate({ ...at, status: 'invalid', error: { code, message, line: 1, column: 1 } }),
  ];
  if (isDeeperThan(value, DEFAULT_MANIFEST_LIMITS.depth)) {
    return refuse('limit_depth', `nested deeper than ${DEFAULT_MANIFEST_LIMITS.depth} levels`);
  }
  const wrong = whyNotKubernetes(value as Json);
  if (wrong !== undefined) return refuse(wrong.code, `not a Kubernetes object: ${wrong.message}`);
  return expandLists(withLocate({ ...at, status: 'ok', object: value as JsonObject }));
}

function withObjects(objects: unknown[], about: ValidationInput['about']): ValidationInput {
  if (objects.length === 0) throw noSpecs('There is no object in the body');
  return { texts: [], objects, about };
}

/**
 * @param what is there instead, as the beginning of a sentence
 * @param documents that were posted and are none to be judged
 */
export function noSpecs(what: string, documents: readonly ValidationDocument[] = []): AppError {
  const told = documents.filter(({ error }) => error !== undefined);
  return new AppError(
    'no_specs',
    `${what}. Post Kubernetes objects as {"specs": […]}, {"manifest": "yaml"}, {"files": [{path, content}]}, one object, a List, an array of objects, or a YAML stream.`,
    told.length === 0 ? {} : { extra: { documents: told } },
  );
}

function wrongEnvelope(issues: { path: string[]; message: string }[]): AppError {
  return new AppError(
    'invalid_body',
    'The envelope is not as it should be; `specs`, `manifest` or `files` hold the objects.',
    { errors: issues.map(({ path, message }) => ({ pointer: jsonPointer(path), detail: message })) },
  );
}
