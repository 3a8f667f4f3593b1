import type { IncomingMessage } from 'node:http';

const SIZES = new WeakMap<IncomingMessage, number>();

/** Notes how large a body is once it is unzipped; for the body parsers' `verify`. */
export function noteBodyBytes(request: IncomingMessage, _response: unknown, body: Buffer): void {
  SIZES.set(request, body.length);
}

/** @returns bytes of the request's body, unzipped; 0 where it has none that is read */
export function bodyBytesOf(request: IncomingMessage): number {
  return SIZES.get(request) ?? 0;
}
