export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type Attributes = Record<string, string | number | boolean>;

/** Where a span belongs; a place in a trace is a text, W3C's `traceparent`, as rows, headers and messages carry it. */
export interface SpanOptions {
  kind?: SpanKind;
  /** The `traceparent` of what caused it; without one, or where it is malformed, a trace begins here. */
  parent?: string | null | undefined;
  /** Those of further causes. */
  links?: readonly string[];
  attributes?: Attributes;
}

/** A piece of work, as long as it lasts. */
export interface Span {
  /** What its own work carries on. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  rename(name: string): void;
  /** It went wrong; the error's message goes along. */
  fail(error: unknown): void;
  end(): void;
}

/** Makes spans and sends them away. */
export interface Tracer {
  start(name: string, options: SpanOptions): Span;
  /** Sends what is left, and nothing more. */
  stop(): Promise<void>;
}

/** Who asked to be traced, by OpenTelemetry's own variables. */
export interface TracingOptions {
  /** Name of the process, where `OTEL_SERVICE_NAME` gives none. */
  service: string;
  version: string;
  /** Usually `process.env`. */
  environment: Record<string, string | undefined>;
  /** Told what kept spans from being sent. */
  onError: (message: string) => void;
}
