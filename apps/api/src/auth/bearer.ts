import type { IncomingMessage } from 'node:http';
import { AppError } from '#kernel';

/**
 * @param request any
 * @returns the credential of its `Authorization: Bearer` header
 * @throws AppError `unauthenticated` where there is none
 */
export function bearerOf(request: Pick<IncomingMessage, 'headers'>): string {
  const [scheme, credential, ...rest] = (request.headers.authorization ?? '').trim().split(/\s+/);
  if (scheme?.toLowerCase() !== 'bearer' || credential === undefined || rest.length > 0) {
    throw new AppError('unauthenticated', 'Send your credential as `Authorization: Bearer …`.');
  }
  return credential;
}
