import type { Request } from 'express';
import { AppError, jsonPointer } from '#kernel';
import { IMPORT_DOCUMENTS_MAX, importPoliciesSchema } from '#contracts';
import type { ImportFile } from '#policies';

/** What was posted to be imported. */
interface PostedImport {
  files: ImportFile[];
  dryRun: boolean;
}

/**
 * Tells the forms of a body apart: JSON, a YAML stream, a zip archive, or a form with files of these.
 * @param request with its body read: JSON parsed, YAML as text, the others as bytes
 * @throws AppError `invalid_body`, `unsupported_media_type`
 */
export async function importOf(request: Request): Promise<PostedImport> {
  const body: unknown = request.body;
  if (Buffer.isBuffer(body)) {
    const files = request.is('multipart/form-data') ? await filesOfForm(request, body) : [{ content: body }];
    return { files, dryRun: false };
  }
  if (typeof body === 'string' && !request.is('json')) return { files: [{ content: body }], dryRun: false };
  if (request.is('json')) return ofJson(body);
  throw new AppError(
    'unsupported_media_type',
    'Send JSON as `application/json`, YAML as `application/yaml`, a zip archive as `application/zip`, or files as `multipart/form-data`.',
  );
}

function ofJson(body: unknown): PostedImport {
  const parsed = importPoliciesSchema.safeParse(body);
  if (parsed.success) {
    const { files = [], manifest, dry_run: dryRun = false } = parsed.data;
    return { files: manifest === undefined ? files : [{ content: manifest }], dryRun };
  }
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: jsonPointer(path.map(String)),
    detail: message,
  }));
  throw new AppError('invalid_body', errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '), {
    errors,
  });
}

async function filesOfForm(request: Request, body: Buffer): Promise<ImportFile[]> {
  const { 'content-type': type = '' } = request.headers;
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch (error) {
    throw new AppError('invalid_body', 'The body is no form: its parts are not as its content type says.', {
      cause: error,
    });
  }
  const parts = [...form.values()];
  if (parts.length > IMPORT_DOCUMENTS_MAX)
    throw new AppError('invalid_body', `The form has ${parts.length} parts: at most ${IMPORT_DOCUMENTS_MAX}.`);
  const files = parts.filter((part) => typeof part !== 'string');
  if (files.length === 0)
    throw new AppError('invalid_body', 'The form has no file: send each as a part with a file name.');
  return Promise.all(
    files.map(async (file) => ({ path: file.name.slice(0, 1_000), content: Buffer.from(await file.arrayBuffer()) })),
  );
}
