import { LRUCache } from 'lru-cache';
import type { Clock } from '#kernel';
import type { Logger } from './logger.js';
import {
  grantedOf,
  leaseOf,
  standingOf,
  type HeldWindow,
  type RateClass,
  type RateSettings,
  type Standing,
} from './rate-limits.rules.js';
import type { RateWindows } from './rate-windows.store.js';

/** Windows that one process keeps in mind; whose is forgotten loses what it held of it. */
const WINDOWS_MAX = 100_000;
/** After a failure the store is left alone for so long. */
const PAUSE_MS = 1_000;

/** Whose request it is. */
export interface RateSubject {
  orgId: string;
  /** Public id of the API key or agent. */
  credentialId: string;
}

/**
 * Limits of requests a minute that all replicas keep together. Each takes a hundredth of a window at a time and spends it
 * by itself, so that a request costs a look into memory. Where the store does not answer, nothing is refused.
 */
export class RateLimits {
  private readonly windows = new LRUCache<string, HeldWindow>({ max: WINDOWS_MAX });
  private readonly asking = new Map<string, Promise<void>>();
  private pausedUntil = -Infinity;
  private failing = false;

  constructor(
    private readonly store: RateWindows,
    readonly settings: RateSettings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Counts a request, for its credential and for its organization. One that its credential may not make is not the
   * organization's: a credential that runs away leaves the others their share.
   * @param organizationLimit requests a minute, where this organization has a limit of its own
   * @returns how it stands to each limit, the tighter one first; nothing where they can't be counted
   */
  async count(subject: RateSubject, kind: RateClass, organizationLimit?: number): Promise<Standing[]> {
    const { organization, credential } = this.settings.perMinute[kind];
    const own = await this.spend(subject.orgId, `${kind} ${subject.credentialId}`, credential);
    if (own?.allowed === false) return [own];
    const all = await this.spend(subject.orgId, kind, organizationLimit ?? organization);
    if (all?.allowed === false) return [all];
    return [own, all].filter((standing) => standing !== undefined).sort((a, b) => a.remaining - b.remaining);
  }

  /**
   * @param limit of the organization, requests a minute
   * @returns how many requests of a kind an organization has made in the minute that runs
   */
  async used(orgId: string, kind: RateClass, limit: number): Promise<number> {
    if (this.held(orgId, kind) === undefined) await this.lease(orgId, kind, 0, limit);
    const held = this.held(orgId, kind);
    return held === undefined ? 0 : limit - standingOf(limit, held, true, this.clock.now()).remaining;
  }

  /** Ends what the store holds open. */
  close(): void {
    this.store.close();
  }

  private async spend(orgId: string, name: string, limit: number): Promise<Standing | undefined> {
    for (;;) {
      const held = this.held(orgId, name);
      if (held !== undefined && held.unspent > 0) {
        held.unspent--;
        return standingOf(limit, held, true, this.clock.now());
      }
      if (held !== undefined && held.taken >= limit) return standingOf(limit, held, false, this.clock.now());
      if (this.clock.now() < this.pausedUntil) return undefined;
      await this.lease(orgId, name, leaseOf(limit), limit);
    }
  }

  private held(orgId: string, name: string): HeldWindow | undefined {
    const held = this.windows.get(`${orgId} ${name}`);
    return held !== undefined && held.endsAt > this.clock.now() ? held : undefined;
  }

  /** Those who come meanwhile wait for the same answer. */
  private lease(orgId: string, name: string, points: number, limit: number): Promise<void> {
    const key = `${orgId} ${name}`;
    const present = this.asking.get(key);
    if (present !== undefined) return present;
    const asked = this.ask(orgId, name, points, limit).finally(() => this.asking.delete(key));
    this.asking.set(key, asked);
    return asked;
  }

  private async ask(orgId: string, name: string, points: number, limit: number): Promise<void> {
    try {
      const { taken, resetMs } = await this.store.take(orgId, name, points);
      const unspent = (this.held(orgId, name)?.unspent ?? 0) + grantedOf(limit, points, taken);
      const endsAt = this.clock.now() + Math.max(1, resetMs);
      this.windows.set(`${orgId} ${name}`, { taken, unspent, endsAt });
      if (this.failing) this.logger.info('requests are counted again');
      this.failing = false;
    } catch (error) {
      this.pausedUntil = this.clock.now() + PAUSE_MS;
      if (!this.failing) this.logger.warn({ err: error }, 'requests can’t be counted: no limit holds until they can');
      this.failing = true;
    }
  }
}
