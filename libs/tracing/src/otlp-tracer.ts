import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attributes, Span, SpanOptions, Tracer, TracingOptions } from './span.js';

/** A collector that does not answer keeps nobody from ending. */
const LEAVES_WITHIN_MS = 2_000;
/** What keeps going wrong is said once in so long. */
const SAID_EVERY_MS = 60_000;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Sends spans by OTLP over HTTP, as OpenTelemetry's variables say: where to, with which headers, how many of them.
 * @param options of the process
 */
export function otlpTracer({ service, version, onError }: TracingOptions): Tracer {
  tellOfTrouble(onError);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service, 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('bylaw', version);
  return {
    start: (name, options) => new OtlpSpan(begin(tracer, name, options)),
    stop: async () => {
      await Promise.race([provider.shutdown(), delay(LEAVES_WITHIN_MS, undefined, { ref: false })]).catch(
        () => undefined,
      );
    },
  };
}

function begin(tracer: OtelTracer, name: string, { kind, parent, links, attributes }: SpanOptions): OtelSpan {
  const from = contextOf(parent);
  // What others asked for comes over the network, or by a row; the rest happens where its cause does.
  const isRemote = kind === 'server' || kind === 'consumer';
  return tracer.startSpan(
    name,
    {
      kind: KINDS[kind ?? 'internal'],
      ...(attributes && { attributes }),
      links: (links ?? []).flatMap((link) => contextOf(link) ?? []).map((context) => ({ context })),
    },
    from === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...from, isRemote }),
  );
}

function contextOf(traceparent: string | null | undefined): SpanContext | undefined {
  return traceparent == null ? undefined : (parseTraceParent(traceparent) ?? undefined);
}

class OtlpSpan implements Span {
  readonly traceparent: string;

  constructor(private readonly span: OtelSpan) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  fail(error: unknown): void {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    this.span.setAttribute('error.type', name);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  end(): void {
    this.span.end();
  }
}

/** OpenTelemetry says what goes wrong to its own log only. */
function tellOfTrouble(onError: (message: string) => void): void {
  let quietUntil = 0;
  const say = (message: string): void => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + SAID_EVERY_MS;
    onError(plain(message));
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: say, warn: say, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** Errors come as JSON, with their stacks. */
function plain(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
