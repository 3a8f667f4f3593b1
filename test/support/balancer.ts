import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What stands before replicas: each connection goes to the next that takes it. */
export class Balancer {
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  private constructor(
    private readonly server: Server,
    private readonly ports: readonly number[],
  ) {}

  /** @param ports of the replicas on loopback, whether they answer or not */
  static async start(ports: readonly number[]): Promise<Balancer> {
    const server = createServer();
    const balancer = new Balancer(server, ports);
    server.on('connection', (client) => balancer.join(client, ports.length));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(client: Socket, tries: number): void {
    this.sockets.add(client);
    client.once('close', () => this.sockets.delete(client));
    client.on('error', () => client.destroy());
    const replica = connect({ host: '127.0.0.1', port: this.ports[this.turn++ % this.ports.length] ?? 0 });
    let joined = false;
    replica.once('connect', () => {
      joined = true;
      client.pipe(replica).pipe(client);
      client.once('close', () => replica.destroy());
      replica.once('close', () => client.destroy());
    });
    replica.on('error', () => {
      replica.destroy();
      if (joined || tries <= 1) client.destroy();
      else this.join(client, tries - 1);
    });
  }
}
