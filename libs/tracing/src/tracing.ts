import { AppError, type Scope } from '#kernel';
import type { Span, SpanOptions, Tracer, TracingOptions } from './span.js';

/** This process's; nothing where nobody asked for traces. */
let tracer: Tracer | undefined;

/**
 * Begins to trace, where the environment says where to: OpenTelemetry is loaded then, and only then.
 * @returns once spans are taken; at once where there is nowhere to send them
 */
export async function startTracing(options: TracingOptions): Promise<void> {
  if (!isAskedFor(options.environment)) return;
  const { otlpTracer } = await import('./otlp-tracer.js');
  tracer = otlpTracer(options);
}

/** Sends what is left, and ends tracing. */
export async function stopTracing(): Promise<void> {
  const ending = tracer;
  tracer = undefined;
  await ending?.stop();
}

/** @param environment OpenTelemetry's variables: an endpoint, unless `OTEL_SDK_DISABLED` is `true` */
function isAskedFor(environment: Record<string, string | undefined>): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = environment;
  if (disabled?.trim().toLowerCase() === 'true' || exporter === 'none') return false;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = environment;
  return [endpoint, own].some((url) => url !== undefined && url !== '');
}

/**
 * Begins a span, which whoever began it ends.
 * @returns undefined where nothing is traced
 */
export function startSpan(name: string, options: SpanOptions): Span | undefined {
  return tracer?.start(name, options);
}

/**
 * Runs work within a span of its own.
 * @param work is given the span, where there is one
 * @throws whatever `work` throws, which the span tells
 */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, options);
  if (span === undefined) return work(undefined);
  try {
    return await work(span);
  } catch (error) {
    // What is refused by its rules has not gone wrong.
    if (error instanceof AppError && error.status < 500) span.set({ 'error.type': error.code });
    else span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/**
 * Runs a part of what a scope traces already within a span of its own; where nothing is traced, just runs it.
 * @param scope who, which organization, why, and within which span
 * @param work is given the scope within the new span, and the span
 * @throws whatever `work` throws
 */
export function traced<Result>(
  scope: Scope,
  name: string,
  options: Omit<SpanOptions, 'parent'>,
  work: (scope: Scope, span?: Span) => Promise<Result>,
): Promise<Result> {
  if (tracer === undefined || scope.traceparent === undefined) return work(scope);
  return inSpan(name, { ...options, parent: scope.traceparent }, (span) =>
    span === undefined ? work(scope) : work({ ...scope, traceparent: span.traceparent }, span),
  );
}

/**
 * @param traceparent of a span of ours
 * @returns what a line of the log says of it: nothing where nothing is traced
 */
export function traceFields(traceparent: string | undefined): { trace_id?: string } {
  return traceparent === undefined ? {} : { trace_id: traceparent.slice(3, 35) };
}
