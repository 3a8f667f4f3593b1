import type { Server } from 'node:http';

/**
 * Lets a server that was closed end: a client that keeps its connection, and maybe goes on asking, would hold it open.
 * Each connection ends with the answer that is under way.
 * @param server not closed yet
 */
export function endConnectionsWhenClosed(server: Server): void {
  server.prependListener('request', (request, response) => {
    if (!server.listening) response.setHeader('Connection', 'close');
    response.once('close', () => {
      if (!server.listening) request.socket.end();
    });
  });
}
