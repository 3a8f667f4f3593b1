import { Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, Database, Metrics } from '#platform';

const HEALTH = 'application/json';

/** What operators ask a worker that serves by itself: whether it lives, whether it can work, and its figures. */
@Injectable()
export class OperationsServer implements BeforeApplicationShutdown, OnApplicationShutdown {
  private server: Server | undefined;
  private ready = false;

  constructor(
    private readonly metrics: Metrics,
    private readonly database: Database,
  ) {}

  /**
   * @param port 0 takes any free one
   * @returns the port
   * @throws ConfigError where it can't be had
   */
  async listen(port: number): Promise<number> {
    const server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, resolve);
    }).catch((cause: unknown) => {
      throw new ConfigError(`Port ${port} can't be used: choose another BYLAW_WORKER_PORT; 0 takes any free one.`, {
        cause,
      });
    });
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  /** It takes runs from now on. */
  isServing(): void {
    this.ready = true;
  }

  beforeApplicationShutdown(): void {
    this.ready = false;
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, type, text] = await this.find(request);
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  private async find({ method, url = '/' }: IncomingMessage): Promise<[status: number, type: string, text: string]> {
    if (method !== 'GET' && method !== 'HEAD') return [405, HEALTH, '{"status":"method not allowed"}'];
    switch (url.split('?')[0]) {
      case '/healthz':
        return [200, HEALTH, '{"status":"ok"}'];
      case '/readyz':
        return (await this.canWork()) ? [200, HEALTH, '{"status":"ok"}'] : [503, HEALTH, '{"status":"unavailable"}'];
      case '/metrics':
        return [200, this.metrics.registry.contentType, await this.metrics.registry.metrics()];
      default:
        return [404, HEALTH, '{"status":"not found"}'];
    }
  }

  private async canWork(): Promise<boolean> {
    if (!this.ready) return false;
    return this.database.dangerouslyAskDirectory('select directory.org_by_slug($1)', ['']).then(
      () => true,
      () => false,
    );
  }
}
