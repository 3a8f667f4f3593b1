import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, uuidV7 } from '#kernel';
import { problemOf } from '#platform';

/** Of Node's HTTP parser, beside many that all mean that it was no HTTP. */
interface ParserError {
  code?: string;
}

/**
 * Answers with a problem document where the HTTP parser gives up: there is no request yet that a route or a filter
 * could refuse, and Node by itself answers with a bare status line.
 * @param server that listens
 */
export function refuseBrokenRequests(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response: ServerResponse) => answers.set(socket, response));
  server.on('clientError', (error: ParserError, socket: Duplex) => {
    const answer = answers.get(socket);
    // In the middle of an answer another one would look like a part of it.
    const answering = answer?.headersSent === true && !answer.writableFinished;
    if (!socket.writable || answering) return void socket.destroy();
    const refused = refusalOf(error);
    const requestId = uuidV7(Date.now());
    // Nothing is known of where it went: the reference to the whole, which is empty.
    const body = JSON.stringify(problemOf(refused, { requestId, originalUrl: '' }));
    const head = [
      `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? ''}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      `X-Request-Id: ${requestId}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}

function refusalOf({ code }: ParserError): AppError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new AppError('headers_too_large', 'The path and the headers may have 16 KiB together: send less in them.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new AppError('request_timeout', 'The request did not come to its end in time.');
  return new AppError('bad_request', 'What came is no HTTP/1.1 request.');
}
