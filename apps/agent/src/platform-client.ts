import { gzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import {
  enrollResponseSchema,
  heartbeatAckSchema,
  inventoryAckSchema,
  type EnrollRequest,
  type EnrollResponse,
  type Heartbeat,
  type HeartbeatAck,
  type InventoryAck,
  type InventoryBatch,
} from '#contracts';
import { inSpan } from '#tracing';
import type { z } from 'zod';
import { backoff } from './backoff.js';

/** The platform answered and refused; sending the same again would change nothing. */
export class PlatformRefusal extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    detail: string,
    /** The problem document's further members. */
    readonly extra: Record<string, unknown>,
  ) {
    super(detail);
  }
}

const ANSWER_WITHIN_MS = 60_000;
/** Smaller bodies gain nothing. */
const GZIP_FROM_BYTES = 4_096;

/** The answer, or why there is none yet. */
type Outcome = { answer: unknown } | { why: string; retryAfterMs: number | undefined };

/** Talks to the platform; what can be repeated is repeated, with growing and jittered waits, until it is answered. */
export class PlatformClient {
  /**
   * @param server base URL
   * @param onWait told when the platform does not answer: why, and how long it waits, in milliseconds
   * @param signal ends every wait and request
   */
  constructor(
    private readonly server: string,
    private readonly onWait: (why: string, ms: number) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Turns a token into a credential. */
  enroll(request: EnrollRequest): Promise<EnrollResponse> {
    return this.repeat('/agent/v1/enroll', undefined, request, enrollResponseSchema);
  }

  /**
   * Sends changes; the platform applies a batch once, however often it comes.
   * @param traceparent of what they are sent for
   */
  inventory(credential: string, batch: InventoryBatch, traceparent: string | undefined): Promise<InventoryAck> {
    return this.repeat('/agent/v1/inventory', credential, batch, inventoryAckSchema, traceparent);
  }

  /** A sign of life. */
  heartbeat(credential: string, beat: Heartbeat): Promise<HeartbeatAck> {
    return this.repeat('/agent/v1/heartbeat', credential, beat, heartbeatAckSchema);
  }

  private async repeat<Schema extends z.ZodType>(
    path: string,
    credential: string | undefined,
    body: unknown,
    schema: Schema,
    parent?: string,
  ): Promise<z.infer<Schema>> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.trace(path, parent, (within) => this.send(path, credential, body, within));
      if ('answer' in outcome) return schema.parse(outcome.answer);
      const wait = outcome.retryAfterMs ?? backoff(attempt);
      this.onWait(outcome.why, wait);
      await delay(wait, undefined, { signal: this.signal });
    }
  }

  /** What belongs to no trace, as a sign of life, begins none. */
  private trace(
    path: string,
    parent: string | undefined,
    send: (traceparent: string | undefined) => Promise<Outcome>,
  ): Promise<Outcome> {
    if (parent === undefined) return send(undefined);
    const attributes = { 'http.request.method': 'POST', 'url.full': new URL(path, this.server).toString() };
    return inSpan(`POST ${path}`, { kind: 'client', parent, attributes }, async (span) => {
      const outcome = await send(span?.traceparent ?? parent);
      if ('why' in outcome) span?.fail(outcome.why);
      return outcome;
    });
  }

  private async send(
    path: string,
    credential: string | undefined,
    body: unknown,
    traceparent: string | undefined,
  ): Promise<Outcome> {
    const text = JSON.stringify(body);
    const zip = text.length >= GZIP_FROM_BYTES;
    let response: Response;
    try {
      response = await fetch(new URL(path, this.server), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(zip && { 'content-encoding': 'gzip' }),
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          ...(traceparent !== undefined && { traceparent }),
        },
        body: zip ? gzipSync(text) : text,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
    } catch (error) {
      this.signal.throwIfAborted();
      return { why: `no answer from ${this.server}: ${causeOf(error)}`, retryAfterMs: undefined };
    }
    const answer: unknown = await response.json().catch(() => ({}));
    if (response.ok) return { answer };
    const { code, detail, ...extra } = answer as { code?: string; detail?: string };
    if (response.status >= 500 || response.status === 429) {
      const seconds = Number(response.headers.get('retry-after'));
      return { why: `${response.status} ${detail ?? ''}`, retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined };
    }
    throw new PlatformRefusal(code ?? 'unknown', response.status, detail ?? response.statusText, extra);
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? 'unknown';
}
