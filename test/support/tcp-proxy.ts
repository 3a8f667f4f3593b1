import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A network between an agent and its platform that can fail. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private losing = false;
  private lostAnswers = 0;

  private constructor(
    private target: { host: string; port: number },
    private port: number,
  ) {}

  /** @param url where it leads */
  static async start(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) }, 0);
    await proxy.open();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How many answers never arrived. */
  get lost(): number {
    return this.lostAnswers;
  }

  /** The next answer is cut off after the platform has done its work. */
  loseNextAnswer(): void {
    this.losing = true;
  }

  /** Takes connections, always on the same port. */
  async open(): Promise<void> {
    const server = createServer((client) => this.join(client));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** New connections go elsewhere; those that there are stay. */
  leadTo(url: string): void {
    const { hostname, port } = new URL(url);
    this.target = { host: hostname, port: Number(port) };
  }

  /** Cuts all connections and takes no more. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(client: Socket): void {
    const platform = connect(this.target);
    endTogether(client, platform, this.sockets);
    client.on('data', (chunk) => platform.write(chunk));
    platform.on('data', (chunk) => {
      if (!this.losing) return void client.write(chunk);
      this.losing = false;
      this.lostAnswers++;
      client.destroy();
    });
  }
}

/**
 * Where one of two ends, so does the other.
 * @param open holds both for as long as they are
 */
export function endTogether(one: Socket, two: Socket, open: Set<Socket>): void {
  for (const [socket, other] of [
    [one, two],
    [two, one],
  ] as const) {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      other.destroy();
    });
  }
}
