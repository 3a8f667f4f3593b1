import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';
import type { ValidationResult } from '#contracts';
import { mapBreathing, type UnkeptResult } from '#judging';

/** How an answer is kept; its first byte says so. */
const PLAIN = 0;
const DEFLATED = 1;

/** Bytes that are deflated sooner, in half a millisecond, than they are handed to another thread and taken back. */
const SHORT = 262_144;
const FAST = { level: 1 };

const [deflate, inflate] = [promisify(deflateRaw), promisify(inflateRaw)];

/** What is kept of an answer beside the columns that lists show. */
export type AnswerBody = Omit<UnkeptResult, 'decision' | 'fail_on' | 'summary'>;

/**
 * An answer's members as JSON, in UTF-8, without the columns that lists show: written out once, to be kept and to be sent. Each
 * violation becomes bytes by itself: one character beyond Latin-1 would make the text of all of them twice as long, and slow.
 */
export async function bytesOf({ violations, ...rest }: AnswerBody): Promise<Buffer> {
  const written = await mapBreathing(violations, (violation, index) =>
    Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify(violation)}`),
  );
  return Buffer.concat([Buffer.from('{"violations":['), ...written, Buffer.from(`],${JSON.stringify(rest).slice(1)}`)]);
}

/**
 * @param json by `bytesOf`
 * @returns the answer as it is kept
 */
export async function packAnswer(json: Buffer): Promise<Buffer> {
  const packed = json.length <= SHORT ? deflateRawSync(json, FAST) : await deflate(json, FAST);
  return Buffer.concat([Buffer.of(DEFLATED), packed]);
}

/** @returns what `packAnswer`, or an earlier release, kept */
export async function unpackAnswer(packed: Buffer): Promise<Buffer> {
  const bytes = packed.subarray(1);
  return packed[0] === PLAIN ? bytes : inflate(bytes);
}

/**
 * @param head the columns that lists show
 * @param json by `bytesOf`
 * @returns the whole answer as JSON, in UTF-8
 */
export function wholeAnswer(head: Omit<ValidationResult, keyof AnswerBody>, json: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head).slice(0, -1)},`), json.subarray(1)]);
}
