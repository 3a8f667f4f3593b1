import type { NextFunction, Request, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import { UNREAD_BODY } from '#platform';

const SIZES = new WeakMap<IncomingMessage, number>();

/** Notes how large a body is once it is unzipped; for the body parsers' `verify`. */
export function noteBodyBytes(request: IncomingMessage, _response: unknown, body: Buffer): void {
  SIZES.set(request, body.length);
}

/** @returns bytes of the request's body, unzipped; 0 where it has none that is read */
export function bodyBytesOf(request: IncomingMessage): number {
  return SIZES.get(request) ?? 0;
}

/** Marks a body that no parser took: whoever can do without one must not take it for none. */
export function markUnreadBody(request: Request, _response: Response, next: NextFunction): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (request.body === undefined && (encoding !== undefined || Number(length ?? 0) > 0)) request.body = UNREAD_BODY;
  next();
}
