import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { AppError, isStorable, jsonPointer, UNSTORABLE, unstorableAt, type ErrorCode, type ErrorPlace } from '#kernel';

/** Stands for a body of a type that nobody reads. */
export const UNREAD_BODY = Symbol('a body that was not read');

/**
 * Checks bodies, queries and paths by the zod schema beside them; a refusal names every place. Bodies were checked for
 * what can't be stored before.
 */
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'param' && typeof value === 'string' && !isStorable(value)) {
      throw new AppError('not_found', `What the path names ${UNSTORABLE}.`);
    }
    const schema = (metadata as { schema?: StandardSchemaV1 }).schema;
    if (schema === undefined) return value;
    if (metadata.type === 'body' && value === UNREAD_BODY) throw notJson();
    const broken = metadata.type === 'query' ? unstorableAt(value) : undefined;
    if (broken !== undefined) throw refusal('query', [{ path: broken, message: UNSTORABLE }]);
    const result = await schema['~standard'].validate(value);
    if (result.issues === undefined) return result.value;
    // Where a body is needed and none came.
    if (metadata.type === 'body' && value === undefined) throw notJson();
    if (metadata.type === 'param')
      throw new AppError('not_found', `There is no ${metadata.data} "${String(value).slice(0, 80)}".`);
    throw refusal(metadata.type, result.issues);
  }
}

function notJson(): AppError {
  return new AppError('unsupported_media_type', 'Send a body with `Content-Type: application/json`.');
}

function refusal(source: ArgumentMetadata['type'], issues: readonly StandardSchemaV1.Issue[]): AppError {
  const errors = issues.map((issue): ErrorPlace => ({ pointer: pointerOf(source, issue), detail: issue.message }));
  const detail = errors.map(({ pointer, detail: what }) => `${pointer === '' ? 'body' : pointer}: ${what}`).join('; ');
  return new AppError(codeOf(source, errors), detail, { errors });
}

function pointerOf(source: ArgumentMetadata['type'], issue: StandardSchemaV1.Issue): string {
  const keys = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  if (source === 'body') return jsonPointer(keys);
  return keys.join('.');
}

function codeOf(source: ArgumentMetadata['type'], errors: readonly ErrorPlace[]): ErrorCode {
  if (source === 'body') return 'invalid_body';
  if (errors.some(({ pointer }) => pointer === 'limit')) return 'invalid_limit';
  return errors.some(({ pointer }) => pointer === 'cursor') ? 'invalid_cursor' : 'invalid_filter';
}
