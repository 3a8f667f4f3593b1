import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * How a replica that ends takes leave: it says that it is not ready from the first moment on, so that balancers send
 * nobody any more, and once the server is closed no connection outlasts the answer that is under way on it.
 */
@Injectable()
export class Draining implements OnModuleDestroy {
  private begun = false;

  /** Whether this replica is about to end. */
  get isUnderWay(): boolean {
    return this.begun;
  }

  onModuleDestroy(): void {
    this.begun = true;
  }

  /** @param server not listening yet */
  attach(server: Server): void {
    const unused = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      unused.add(socket);
      socket.once('close', () => unused.delete(socket));
    });
    server.prependListener('upgrade', ({ socket }) => unused.delete(socket));
    server.prependListener('request', ({ socket }, response) => {
      unused.delete(socket);
      if (this.begun) response.setHeader('Connection', 'close');
      response.once('close', () => {
        if (this.begun) socket.end();
      });
    });
    // Node waits a minute for the first request of a connection that was opened ahead of it.
    const close = server.close.bind(server);
    server.close = (done) => {
      for (const socket of unused) socket.destroy();
      return close(done);
    };
  }
}
