import type { PolicyMetadata } from '#engine';

/** LIBRARY.md: so long after an object was made, what it needs beside it, or makes room for it, may still come. */
export const SETTLING_MS = 5 * 60_000;

/** An object that was just made, and is judged by policies that wait. */
export interface Settling {
  createdAt: Date;
  now: Date;
}

/**
 * Says whether an object is too young for policies about presence (`admission: none`) and uniqueness (`warn`): those are
 * told both times and wait. A time further ahead than clocks go wrong is no reason to wait: it would never end.
 * @param createdAt of the object
 * @param now the platform's time
 * @param policies that judge it
 */
export function settlingOf(
  createdAt: Date,
  now: Date,
  policies: readonly (Pick<PolicyMetadata, 'admission'> | undefined)[],
): Settling | undefined {
  if (!policies.some((policy) => policy !== undefined && policy.admission !== 'deny')) return undefined;
  const age = now.getTime() - createdAt.getTime();
  return Math.abs(age) < SETTLING_MS ? { createdAt, now } : undefined;
}

/** @returns when the object has to be looked at again */
export function settlesAt({ createdAt }: Settling): Date {
  return new Date(createdAt.getTime() + SETTLING_MS);
}
