import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { endTogether } from './tcp-proxy.js';

/** What a message of Postgres is, and how long: a letter, then four bytes that count themselves. */
const HEAD_BYTES = 5;
const NOTIFICATION = 'A'.charCodeAt(0);

/** Between a login and its Postgres: everything passes but notifications, as with a pooler that pools by transaction. */
export class DeafProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  /** @param url a connection URL of the server that it leads to */
  static async start(url: string): Promise<DeafProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer((client) => proxy.join(client, connect(Number(port), hostname)));
    const proxy = new DeafProxy(server, url);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The same login, through here. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.toString();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(client: Socket, postgres: Socket): void {
    let rest = Buffer.alloc(0);
    client.on('data', (chunk) => postgres.write(chunk));
    postgres.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (;;) {
        const end = rest.length < HEAD_BYTES ? Infinity : 1 + rest.readUInt32BE(1);
        if (rest.length < end) return;
        if (rest[0] !== NOTIFICATION) client.write(rest.subarray(0, end));
        rest = rest.subarray(end);
      }
    });
    endTogether(client, postgres, this.sockets);
  }
}
