import type { NextFunction, Response } from 'express';
import { uuidV7 } from '#kernel';
import type { IdentifiedRequest, Logger, Metrics } from '#platform';
import { startSpan, traceFields, type Span } from '#tracing';

const VALIDATE = '/api/v1/validate';
/** By those who look whether we are there: they would be most of all traces. */
const ASKED_ALL_THE_TIME = new Set(['/healthz', '/readyz', '/metrics']);

/** A request whose answer says more than its status. */
export interface MeasuredRequest extends IdentifiedRequest {
  /** What a validation decided. */
  decision?: string;
}

/**
 * Gives each request an id, and one line in the log and its time in the figures when it is answered.
 * @param logger of the process
 * @param metrics of the process
 */
export function measureRequests(logger: Logger, metrics: Metrics) {
  return (request: MeasuredRequest, response: Response, next: NextFunction): void => {
    request.requestId = uuidV7(Date.now());
    response.setHeader('X-Request-Id', request.requestId);
    response.setHeader('Cache-Control', 'no-store');
    const begun = performance.now();
    const span = spanOf(request);
    if (span !== undefined) traceTo(span, request, response);
    response.on('finish', () => {
      const ms = performance.now() - begun;
      const route = routeOf(request);
      measure(metrics, request, response, ms / 1_000);
      const { requestId: request_id, method, traceparent } = request;
      const status = response.statusCode;
      const line = { request_id, ...traceFields(traceparent), method, route, status, ms: Math.round(ms) };
      if (status >= 500) logger.error(line, 'request');
      else logger.debug(line, 'request');
    });
    next();
  };
}

/** Within the client's trace, where it sends its place in one. */
function spanOf(request: IdentifiedRequest): Span | undefined {
  const { method, path, protocol } = request;
  if (ASKED_ALL_THE_TIME.has(path)) return undefined;
  return startSpan(method, {
    kind: 'server',
    parent: request.get('traceparent'),
    attributes: {
      'http.request.method': method,
      'url.path': path,
      'url.scheme': protocol,
      'bylaw.request_id': request.requestId,
    },
  });
}

function traceTo(span: Span, request: MeasuredRequest, response: Response): void {
  request.traceparent = span.traceparent;
  response.on('close', () => {
    const [route, status] = [routeOf(request), response.statusCode];
    span.rename(`${request.method} ${route}`);
    span.set({ 'http.route': route, 'http.response.status_code': status });
    if (status >= 500) span.fail(`answered with ${status}`);
    else if (!response.writableFinished) span.fail('the client went away');
    span.end();
  });
}

function measure(metrics: Metrics, request: MeasuredRequest, response: Response, seconds: number): void {
  const { method } = request;
  const [route, status] = [routeOf(request), response.statusCode];
  // A stream lasts as long as its client likes: that says nothing of how fast we answer.
  if (isStream(response)) return;
  metrics.requests.observe({ method, route, status }, seconds);
  if (route !== VALIDATE || method !== 'POST') return;
  const otherwise = status >= 500 ? 'failed' : 'refused';
  metrics.validations.observe({ outcome: request.decision ?? otherwise }, seconds);
}

function isStream(response: Response): boolean {
  return String(response.getHeader('Content-Type')).startsWith('text/event-stream');
}

/** The route's pattern, so that ids make no series of their own. */
function routeOf(request: IdentifiedRequest): string {
  const { path } = (request.route ?? {}) as { path?: string };
  return path ?? 'unmatched';
}
