import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';
import type { ValidationResult } from '#contracts';
import { mapBreathing, type UnkeptResult } from '#judging';

/** How an answer is kept; its first byte says so. */
const PLAIN = 0;
const DEFLATED = 1;

/** Characters up to which a text is deflated sooner than it is handed to another thread. */
const SHORT = 32_768;
const FAST = { level: 1, memLevel: 6 };

const [deflate, inflate] = [promisify(deflateRaw), promisify(inflateRaw)];

/** What is kept of an answer beside the columns that lists show. */
export type AnswerBody = Omit<UnkeptResult, 'decision' | 'fail_on' | 'summary'>;

/** An answer's members as JSON, without the columns that lists show: written out once, to be kept and to be sent. */
export async function textOf({ violations, ...rest }: AnswerBody): Promise<string> {
  const written = await mapBreathing(violations, (violation) => JSON.stringify(violation));
  return `{"violations":[${written.join(',')}],${JSON.stringify(rest).slice(1)}`;
}

/**
 * @param text by `textOf`
 * @returns the answer as it is kept
 */
export async function packAnswer(text: string): Promise<Buffer> {
  const packed = text.length <= SHORT ? deflateRawSync(text, FAST) : await deflate(text, FAST);
  return Buffer.concat([Buffer.of(DEFLATED), packed]);
}

/** @returns the text that `packAnswer`, or an earlier release, kept */
export async function unpackAnswer(packed: Buffer): Promise<string> {
  const bytes = packed.subarray(1);
  return (packed[0] === PLAIN ? bytes : await inflate(bytes)).toString('utf8');
}

/**
 * @param head the columns that lists show
 * @param text by `textOf`
 * @returns the whole answer as JSON
 */
export function wholeAnswer(head: Omit<ValidationResult, keyof AnswerBody>, text: string): string {
  return `${JSON.stringify(head).slice(0, -1)},${text.slice(1)}`;
}
