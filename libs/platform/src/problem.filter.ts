import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppError, type ErrorCode } from '#kernel';
import type { Problem } from '#contracts';
import { traceFields } from '#tracing';
import type { Logger } from './logger.js';

/** What a request carries from the first middleware on. */
export interface IdentifiedRequest extends Request {
  requestId: string;
  /** Its span, where requests are traced. */
  traceparent?: string;
}

/** Turns everything that was thrown into a problem document (RFC 9457); what nobody expected says nothing of itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<IdentifiedRequest>();
    const response = http.getResponse<Response>();
    const known = asAppError(error, request);
    if (known.status >= 500)
      this.logger.error(
        { err: error, request_id: request.requestId, ...traceFields(request.traceparent), path: request.path },
        'request failed',
      );
    if (!response.headersSent) return sendProblem(known, request, response);
    // What was begun and can't be ended must not look whole.
    if (!response.writableEnded) response.destroy();
  }
}

/**
 * Answers with a problem document.
 * @param error what is refused
 * @param request whose request it was
 * @param response where nothing was sent yet
 */
export function sendProblem(error: AppError, request: IdentifiedRequest, response: Response): void {
  const { retryAfter } = error.options;
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  response
    .status(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error, request)));
}

/**
 * @param error what is refused
 * @param request whose request it was
 * @returns the document that the client gets
 */
export function problemOf(error: AppError, request: Pick<IdentifiedRequest, 'originalUrl' | 'requestId'>): Problem {
  return {
    ...error.options.extra,
    type: `urn:bylaw:problem:${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    detail: error.detail,
    instance: request.originalUrl,
    request_id: request.requestId,
    ...(error.options.errors && { errors: error.options.errors }),
  };
}

/** @param limit the most bytes that are taken there */
export function bodyTooLarge(limit: number): AppError {
  return new AppError('body_too_large', `At most ${limit} bytes are taken here: post fewer objects at a time.`);
}

/** Codes of zlib and Brotli. */
const BROKEN_COMPRESSION = /^(?:Z_|ERR__ERROR|ERR_BROTLI)/;

interface BodyParserError {
  type?: string;
  /** Of zlib. */
  code?: string;
  limit?: number;
  message?: string;
}

/**
 * What the body parser found, by the types it documents; to be asked before Nest, which keeps only its own kinds of errors.
 * @param thrown whatever a middleware threw
 * @returns the refusal, undefined where it is none of the body parser's
 */
export function bodyProblem(thrown: unknown): AppError | undefined {
  const error = (thrown ?? {}) as BodyParserError;
  switch (error.type) {
    case 'entity.too.large':
      return bodyTooLarge(error.limit ?? 0);
    case 'entity.parse.failed':
      return new AppError(
        'malformed_json',
        `The body is not JSON: ${error.message ?? ''}. Send YAML as \`Content-Type: application/yaml\`.`,
      );
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new AppError('unsupported_media_type', 'Send UTF-8, plain or with gzip.');
    case 'request.aborted':
    case 'request.size.invalid':
      return new AppError('bad_request', 'The body ended before its length was reached.');
    default:
      return BROKEN_COMPRESSION.test(error.code ?? '')
        ? new AppError('bad_request', 'The body is not compressed as its Content-Encoding says.')
        : undefined;
  }
}

const CODES_BY_STATUS: Record<number, ErrorCode> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

function asAppError(error: unknown, request: Request): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HttpException) {
    const code = CODES_BY_STATUS[error.getStatus()];
    if (code === 'not_found')
      return new AppError(
        'not_found',
        `There is no ${request.method} ${request.path}; GET /openapi.json lists what is there.`,
      );
    if (code !== undefined) return new AppError(code, error.message);
  }
  return new AppError('internal', 'Try again; if it stays so, report the request id.', { cause: error });
}
