import {
  createParamDecorator,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { AppError } from '#kernel';

const ENTITY_TAG = /^(?:W\/)?"(\d{1,9})"$/;

/**
 * Says which revision an answer shows: `ETag: "7"` (RFC 9110 §8.8.3). It is of what people edit, and an answer shows more:
 * whether somebody has the latest is not to be told by it.
 */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    delete context.switchToHttp().getRequest<Request>().headers['if-none-match'];
    return next.handle().pipe(
      map((answer: unknown) => {
        const revision = (answer as { revision?: unknown } | undefined)?.revision;
        if (typeof revision === 'number')
          context.switchToHttp().getResponse<Response>().setHeader('ETag', `"${revision}"`);
        return answer;
      }),
    );
  }
}

/** The revision of `If-Match`, undefined where there is none or `*`: whatever it is. */
export const IfMatch = createParamDecorator((_data: unknown, context: ExecutionContext): number | undefined => {
  const header = context.switchToHttp().getRequest<Request>().headers['if-match']?.trim();
  if (header === undefined || header === '*') return undefined;
  const revision = ENTITY_TAG.exec(header)?.[1];
  if (revision === undefined) throw new AppError('bad_request', 'Send If-Match as the ETag that you got, as in "7".');
  return Number(revision);
});
