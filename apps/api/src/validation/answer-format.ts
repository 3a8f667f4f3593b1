import type { Request } from 'express';
import type { ValidationFormat } from '#contracts';
import { mediaTypeOf } from '#formats';

/** What `Accept` may ask for, the first where it does not matter; other formats share a type and are asked for by name. */
const BY_MEDIA_TYPE: Record<string, ValidationFormat> = {
  'application/json': 'json',
  'application/sarif+json': 'sarif',
  'application/xml': 'junit',
  'text/xml': 'junit',
  'text/markdown': 'markdown',
  'text/plain': 'text',
};

/**
 * @param request whose `Accept` is looked at
 * @param named in the query; it wins
 * @returns what to answer in: JSON where nothing that is served is accepted, as all routes do
 */
export function formatFor(request: Request, named: ValidationFormat | undefined): ValidationFormat {
  if (named !== undefined) return named;
  const accepted = request.accepts(Object.keys(BY_MEDIA_TYPE));
  return (accepted !== false && BY_MEDIA_TYPE[accepted]) || 'json';
}

/** @returns the media type without its charset, as the API's description names it */
export function plainMediaType(format: ValidationFormat): string {
  return mediaTypeOf(format).split(';')[0] ?? '';
}
