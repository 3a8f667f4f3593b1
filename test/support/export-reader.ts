import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import type { TestPlatform } from './test-platform.js';

/** A client that takes an export at its own pace, over a connection of its own, and may go away in the middle. */
export class ExportReader {
  private constructor(
    private readonly request: ClientRequest,
    private readonly response: IncomingMessage,
  ) {}

  /**
   * Asks for an export and takes nothing of it yet.
   * @param platform where
   * @param path below `/api/v1/exports/`
   */
  static async open(platform: TestPlatform, path: string): Promise<ExportReader> {
    const request = get(`${platform.url}/api/v1/exports/${path}`, {
      agent: false,
      headers: { authorization: `Bearer ${platform.owner.key}` },
    });
    // Whoever goes away does not wait for an answer.
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new ExportReader(request, response);
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  /** @returns how many bytes come until the end @throws where the connection breaks before */
  async takeAll(): Promise<number> {
    let bytes = 0;
    for await (const piece of this.response) bytes += (piece as Buffer).length;
    return bytes;
  }

  /** Goes away without a word. */
  leave(): void {
    this.request.destroy();
  }
}
