import type { z } from 'zod';

/** Calls the API as any client would: over HTTP, with the owner's key. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /**
   * @param path below `/api/v1`
   * @param schema of the answer
   * @throws Error with the problem's detail where it is refused
   */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
    return schema.parse(await this.call('GET', path));
  }

  /** The same with a body. */
  async post<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.infer<Schema>> {
    return schema.parse(await this.call('POST', path, body));
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${(answer as { detail?: string }).detail ?? response.statusText}`);
    return answer;
  }
}
