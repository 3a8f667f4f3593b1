export type { Attributes, Span, SpanKind, SpanOptions, TracingOptions } from './span.js';
export { inSpan, startSpan, startTracing, stopTracing, traced, traceFields } from './tracing.js';
