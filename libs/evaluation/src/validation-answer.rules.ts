import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';
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

/** @returns what `packAnswer`, or an earlier release, kept */
export async function unpackAnswer(packed: Buffer): Promise<AnswerBody> {
  const bytes = packed.subarray(1);
  const text = packed[0] === PLAIN ? bytes : await inflate(bytes);
  return JSON.parse(text.toString('utf8')) as AnswerBody;
}
