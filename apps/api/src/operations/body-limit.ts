import type { NextFunction, Request, Response } from 'express';
import { bodyTooLarge, sendProblem, type IdentifiedRequest } from '#platform';

/** For as long as this the rest of a body is read and dropped: a connection that is cut at once takes the answer with it. */
const LINGER_MS = 1_000;

/**
 * Refuses a body at the byte where it grows too large, or before the first where its length is said: the body parser
 * reads to the end before it answers, which a body without end never reaches.
 * @param limitOf the most bytes that a request may send, as they come over the wire
 */
export function limitBody(limitOf: (request: Request) => number) {
  return (request: IdentifiedRequest, response: Response, next: NextFunction): void => {
    const limit = limitOf(request);
    const refuse = (): void => {
      sendProblem(bodyTooLarge(limit), request, response);
      setTimeout(() => {
        if (!request.complete) request.socket.destroy();
      }, LINGER_MS).unref();
    };
    if (Number(request.headers['content-length'] ?? 0) > limit) return refuse();
    let received = 0;
    const count = (chunk: Buffer): void => {
      received += chunk.length;
      if (received <= limit) return;
      request.off('data', count);
      refuse();
    };
    request.on('data', count);
    next();
  };
}
