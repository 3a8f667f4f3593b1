import type { Server } from 'node:http';

/**
 * Lets a server that was closed end: a client that keeps its connection and goes on asking would hold it open for ever,
 * so each connection ends with the answer that is under way.
 * @param server not closed yet
 */
export function endConnectionsWhenClosed(server: Server): void {
  server.prependListener('request', (_request, response) => {
    if (!server.listening) response.setHeader('Connection', 'close');
  });
}
