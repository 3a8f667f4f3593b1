import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AppError, type Json } from '#kernel';
import {
  Database,
  idempotentRequest,
  keepAnswer,
  takeIdempotencyKey,
  withoutSecrets,
  type IdempotentRequest,
  type KeptAnswer,
} from '#platform';
import { requirePrincipal, scopeOf, type AuthenticatedRequest } from '../auth/principal.js';

/** Names members of a route's answer that are shown once. */
export const SECRETS = 'bylaw:secrets';

const RETRY_AFTER_SECONDS = 1;

/**
 * Makes a request under an `Idempotency-Key` one transaction with the record of its answer: done and kept, or neither.
 * A process that dies in the middle leaves nothing behind, and the key free.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly database: Database,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    const response = context.switchToHttp().getResponse<Response>();
    const wanted = idempotentRequest(
      requirePrincipal(request).actor.id,
      `${request.method} ${request.path}`,
      String(key),
      { query: request.query, body: request.body as unknown },
    );
    const secrets = this.reflector.get<string[]>(SECRETS, context.getHandler());
    return from(this.once(request, response, wanted, secrets, next));
  }

  private async once(
    request: AuthenticatedRequest,
    response: Response,
    wanted: IdempotentRequest,
    secrets: string[],
    next: CallHandler,
  ): Promise<unknown> {
    try {
      return await this.database.runWhole(scopeOf(request), async (tx) => {
        const kept = await takeIdempotencyKey(tx, wanted);
        if (kept !== undefined) return replay(kept, response);
        const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
        await keepAnswer(tx, wanted, answered(answer, response, secrets));
        return answer;
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'idempotency_in_progress')
        response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
      throw error;
    }
  }
}

function answered(answer: unknown, response: Response, secrets: string[]): KeptAnswer {
  const location = response.getHeader('Location');
  return {
    status: response.statusCode,
    location: location === undefined ? null : String(location),
    answer: answer === undefined ? '' : JSON.stringify(withoutSecrets(answer as Json, secrets)),
  };
}

/** The entity tag follows from the answer's revision, as it did at first. */
function replay({ status, location, answer }: KeptAnswer, response: Response): unknown {
  response.status(status).setHeader('Idempotency-Replayed', 'true');
  if (location !== null) response.setHeader('Location', location);
  return answer === '' ? undefined : JSON.parse(answer);
}
