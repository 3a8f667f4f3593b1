import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IdempotencyInterceptor, SECRETS } from './idempotency.interceptor.js';

/**
 * Lets a route that makes or starts something be sent twice: under the same `Idempotency-Key` it is done once.
 * @param secrets members of its answer that are shown once, dotted from the root
 */
export function Idempotent(...secrets: string[]) {
  return applyDecorators(
    SetMetadata(SECRETS, secrets),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Of the client’s own making. Sent again within 24 hours with the same body, the request is answered as before, with ' +
        '`Idempotency-Replayed: true`, and not done again; with another body: 422 `idempotency_mismatch`; while the first is ' +
        'at work: 409 `idempotency_in_progress`.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
    }),
  );
}
