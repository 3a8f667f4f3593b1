import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call of an API, parsed. */
export interface FakeCall {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown> | Record<string, unknown>[];
}

/** What an API answers. */
export interface FakeAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A status as it was last set, in words that all providers share. */
export interface SeenStatus {
  context: string;
  state: string;
  link: string;
  description: string;
}

type Handler = (call: FakeCall, ...parameters: string[]) => FakeAnswer;

/** A provider's API on loopback: routes by pattern, what was called, and trouble on demand. */
export class FakeProvider {
  readonly calls: FakeCall[] = [];
  /** What the next calls are answered instead, one after the other. */
  readonly trouble: FakeAnswer[] = [];
  /** Carries the next call that changes something out, and loses the answer. */
  losesNext: RegExp | undefined;
  private readonly routes: [method: string, path: RegExp, handler: Handler][] = [];
  private server: Server | undefined;

  /** @param authorized whether a call brings the right credential */
  constructor(private readonly authorized: (headers: IncomingMessage['headers']) => boolean) {}

  /** @param path each `:` stands for one part, decoded */
  on(method: string, path: string, handler: Handler): void {
    this.routes.push([method, new RegExp(`^${path.replaceAll(':', '([^/]+)')}$`), handler]);
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      void readBody(request).then((text) => {
        const call = callOf(request, text);
        const answer = this.answer(call);
        if (answer === undefined) return request.socket.destroy();
        response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
      });
    });
    const { server } = this;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    if (this.server === undefined) throw new Error('the fake was not started');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** @returns undefined where the answer is lost on its way */
  private answer(call: FakeCall): FakeAnswer | undefined {
    this.calls.push(call);
    const trouble = this.trouble.shift();
    if (trouble !== undefined) return trouble;
    if (!this.authorized(call.headers)) return { status: 401, body: { message: 'Bad credentials' } };
    for (const [method, path, handler] of this.routes) {
      const [whole, ...parameters] = path.exec(call.path) ?? [];
      if (whole === undefined || method !== call.method) continue;
      const answer = handler(call, ...parameters.map(decodeURIComponent));
      if (this.losesNext?.test(`${call.method} ${call.path}`) !== true) return answer;
      this.losesNext = undefined;
      return undefined;
    }
    return { status: 404, body: { message: 'Not Found' } };
  }
}

/**
 * @param most items of a page, however many are asked for
 * @param asked the query's member that asks for them
 * @returns one page of a list; that there is a next one is told with an address that nobody is to follow
 */
export function pageOf(all: readonly unknown[], query: URLSearchParams, most: number, asked: string): FakeAnswer {
  const [page, size] = [Number(query.get('page') ?? 1), Math.min(most, Number(query.get(asked) ?? 10))];
  const body = all.slice((page - 1) * size, page * size);
  if (page * size >= all.length) return { status: 200, body };
  return { status: 200, body, headers: { link: `<http://169.254.169.254/?page=${page + 1}>; rel="next"` } };
}

/** Comments of pull requests, as most providers keep them. */
export class FakeComments {
  readonly kept = new Map<number, { id: number; pull: string; body: string }>();
  private next = 100;

  /** @returns one page, of a hundred at most */
  list(pull: string, query: URLSearchParams, asked = 'per_page'): FakeAnswer {
    const all = [...this.kept.values()].filter((comment) => comment.pull === pull);
    return pageOf(all, query, 100, asked);
  }

  create(pull: string, body: string): FakeAnswer {
    const comment = { id: this.next++, pull, body };
    this.kept.set(comment.id, comment);
    return { status: 201, body: comment };
  }

  change(id: string, body: string): FakeAnswer {
    const comment = this.kept.get(Number(id));
    if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
    comment.body = body;
    return { status: 200, body: comment };
  }

  of(pull: number): string[] {
    return [...this.kept.values()].filter((comment) => comment.pull === String(pull)).map(({ body }) => body);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function callOf(request: IncomingMessage, text: string): FakeCall {
  const url = new URL(request.url ?? '/', 'http://localhost');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: (text === '' ? {} : JSON.parse(text)) as FakeCall['body'],
  };
}
