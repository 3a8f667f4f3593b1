/** What came back. */
export interface TestAnswer {
  status: number;
  /** Parsed where it is JSON, else text. */
  body: unknown;
  headers: Headers;
}

/** Calls the API over HTTP, as a stranger would. */
export class TestClient {
  constructor(
    private readonly url: string,
    readonly key?: string,
  ) {}

  get(path: string): Promise<TestAnswer> {
    return this.send('GET', path);
  }

  /** Sends a body under an `Idempotency-Key`. */
  once(key: string, path: string, body?: unknown): Promise<TestAnswer> {
    return this.send('POST', path, body, { 'idempotency-key': key });
  }

  post(path: string, body?: unknown): Promise<TestAnswer> {
    return this.send('POST', path, body);
  }

  patch(path: string, body?: unknown): Promise<TestAnswer> {
    return this.send('PATCH', path, body);
  }

  delete(path: string): Promise<TestAnswer> {
    return this.send('DELETE', path);
  }

  /** Sends bytes of a type. */
  async upload(path: string, type: string, body: Buffer): Promise<TestAnswer> {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': type };
    const response = await fetch(`${this.url}${path}`, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  /**
   * @param method of HTTP
   * @param path from the root
   * @param body JSON, or text as it is
   * @param headers further ones; they win
   */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    // What never ends is for EventReader.
    const streams = type.startsWith('text/event-stream');
    if (streams) await response.body?.cancel();
    const text = streams ? '' : await response.text();
    const json = /[/+]json\b/.test(type) && text !== '';
    return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
  }
}
