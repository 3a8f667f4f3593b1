/** Kinds of requests that are counted apart, so that none of them uses up what the others need. */
export const RATE_CLASSES = ['validate', 'export', 'author', 'agent', 'other'] as const;
export type RateClass = (typeof RATE_CLASSES)[number];

/** Requests a minute, of all credentials of an organization together and of each one. */
export interface RateLimit {
  organization: number;
  credential: number;
}

export interface RateSettings {
  perMinute: Record<RateClass, RateLimit>;
  /** Credentials a minute that one client address may get wrong. */
  badCredentialsPerMinute: number;
}

/** Generous: they stop what runs away, not what works. */
export const DEFAULT_RATES: RateSettings = {
  perMinute: {
    validate: { organization: 120_000, credential: 60_000 },
    export: { organization: 600, credential: 300 },
    author: { organization: 6_000, credential: 3_000 },
    agent: { organization: 240_000, credential: 6_000 },
    other: { organization: 60_000, credential: 30_000 },
  },
  badCredentialsPerMinute: 60,
};

/** A hundredth of a window is taken at a time: the store is asked a hundred times a window, not once a request. */
const LEASES = 100;

/**
 * @param limit requests a window
 * @returns how many of them a replica takes at a time, to spend by itself
 */
export function leaseOf(limit: number): number {
  return Math.max(1, Math.ceil(limit / LEASES));
}

/**
 * @param limit requests a window
 * @param points that were asked for
 * @param taken of the window by all replicas, these points included
 * @returns how many of the points are there to be spent
 */
export function grantedOf(limit: number, points: number, taken: number): number {
  return Math.min(points, Math.max(0, limit - (taken - points)));
}

/** What one replica holds of a window. */
export interface HeldWindow {
  /** Of the window, by all replicas. */
  taken: number;
  /** Of it, here and not spent yet. */
  unspent: number;
  /** Milliseconds since 1970. */
  endsAt: number;
}

/** How a request stands to a limit. */
export interface Standing {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Until the window ends, at least 1. */
  resetSeconds: number;
}

/**
 * @param held the window after the request was counted
 * @param at milliseconds since 1970
 */
export function standingOf(limit: number, held: HeldWindow, allowed: boolean, at: number): Standing {
  return {
    allowed,
    limit,
    remaining: Math.max(0, limit - held.taken) + held.unspent,
    resetSeconds: Math.max(1, Math.ceil((held.endsAt - at) / 1_000)),
  };
}
