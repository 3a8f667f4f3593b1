import { createHmac, timingSafeEqual } from 'node:crypto';
import { sha256 } from '#kernel';
import type { HookRequest } from './git-event.rules.js';

/** A delivery that says when it was sent is taken this long before and after. */
const TOLERANCE_MS = 300_000;
const HEX = /^(?:sha256=)?([0-9a-f]{64})$/i;

/**
 * @param given hex, with `sha256=` before it or without
 * @returns whether it is HMAC-SHA-256 of the body under the secret
 */
export function isSigned(secret: string, body: Buffer, given: string | undefined): boolean {
  const hex = HEX.exec(given ?? '')?.[1];
  return hex !== undefined && same(Buffer.from(hex, 'hex'), hmac(secret, body));
}

/** @returns whether it is the secret itself, in a time that tells nothing of it */
export function isSecret(secret: string, given: string | undefined): boolean {
  return given !== undefined && same(sha256(given), sha256(secret));
}

/**
 * Signatures of the Standard Webhooks specification, as GitLab sends them beside its token.
 * @param secret as it was agreed on; of `whsec_…` the rest is base64 of the key
 * @param now when it came
 */
export function isStandardSigned(secret: string, { headers, body }: HookRequest, now: Date): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (id === undefined || signatures === undefined || !/^\d{1,12}$/.test(timestamp ?? '')) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1_000) > TOLERANCE_MS) return false;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  const right = hmac(key, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]));
  return signatures
    .split(' ')
    .some((one) => one.startsWith('v1,') && same(Buffer.from(one.slice('v1,'.length), 'base64'), right));
}

function hmac(key: string | Buffer, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest();
}

function same(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
