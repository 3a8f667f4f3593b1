import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { eventually } from '#testing';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  service: string;
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  links: string[];
  failed: boolean;
  attributes: Record<string, unknown>;
}

interface OtlpAttribute {
  key: string;
  value: Record<string, unknown>;
}

interface OtlpRequest {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: {
      spans: {
        name: string;
        kind: number;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        links?: { spanId: string }[];
        status?: { code?: number };
        attributes: OtlpAttribute[];
      }[];
    }[];
  }[];
}

/** A collector on loopback that takes OTLP over HTTP as JSON and keeps every span. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<TraceReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new TraceReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        if (request.url === '/v1/traces') receiver.take(JSON.parse(text.toString()) as OtlpRequest);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    return receiver;
  }

  /** @returns the spans of a trace */
  of(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  /**
   * Waits for a span, and for all that it is within.
   * @param found which
   * @returns it, then its parent, and so on up to the one whose parent is none of ours
   */
  async ancestry(found: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan[]> {
    return eventually(async () => {
      const path: ReceivedSpan[] = [];
      for (let span = this.spans.find(found); span !== undefined;) {
        path.push(span);
        const { parentSpanId } = span;
        span = this.spans.find((other) => other.spanId === parentSpanId);
      }
      return path.length > 0 && this.isWhole(path) && path;
    }, 'a span and what it is within');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Spans come when they end: of one that is still open, the parent of the last is missing, and it is one of ours. */
  private isWhole(path: readonly ReceivedSpan[]): boolean {
    const last = path.at(-1);
    return last !== undefined && (last.parentSpanId === '' || this.foreign.has(last.parentSpanId));
  }

  /** Spans of clients, which nobody sends here. */
  readonly foreign = new Set<string>();

  private take({ resourceSpans }: OtlpRequest): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(valuesOf(resource.attributes)['service.name']);
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const { name, kind, traceId, spanId, parentSpanId = '', links = [], status, attributes } = span;
        this.spans.push({
          service,
          name,
          kind,
          traceId,
          spanId,
          parentSpanId,
          links: links.map((link) => link.spanId),
          failed: status?.code === 2,
          attributes: valuesOf(attributes),
        });
      }
    }
  }
}

function valuesOf(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
