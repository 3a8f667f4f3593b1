import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { systemScope } from '#kernel';
import type { Database } from './database.js';

/** How much of a window is gone. */
export interface TakenWindow {
  /** By all replicas, what was asked for included; may be more than any limit. */
  taken: number;
  /** Until the window ends, milliseconds. */
  resetMs: number;
}

/** Where replicas count together. A window begins with its first request and lasts a fixed time. */
export interface RateWindows {
  /**
   * @param orgId whose window it is, a UUID
   * @param name of the window within the organization
   * @param points how many requests to count; none: only ask
   */
  take(orgId: string, name: string, points: number): Promise<TakenWindow>;
  close(): void;
}

export const WINDOW_SECONDS = 60;

/** Counts in Postgres, for installations without Redis. */
export class PostgresRateWindows implements RateWindows {
  constructor(
    private readonly database: Database,
    private readonly seconds = WINDOW_SECONDS,
  ) {}

  async take(orgId: string, name: string, points: number): Promise<TakenWindow> {
    return this.database.run(systemScope(orgId, 'rate limit'), async (tx) => {
      const rows = await tx.query<{ taken: number; ends_at: Date }>(
        `insert into app.rate_window as w (org_id, name, taken, ends_at) values ($1, $2, $3, $4)
         on conflict (org_id, name) do update set
           taken = case when w.ends_at > $5 then least(w.taken::bigint + excluded.taken, 2147483647)::int else excluded.taken end,
           ends_at = case when w.ends_at > $5 then w.ends_at else excluded.ends_at end
         returning taken, ends_at`,
        [orgId, name, points, new Date(tx.now.getTime() + this.seconds * 1_000), tx.now],
      );
      const { taken = points, ends_at: endsAt = tx.now } = rows[0] ?? {};
      return { taken, resetMs: endsAt.getTime() - tx.now.getTime() };
    });
  }

  close(): void {
    // The database is closed by whoever opened it.
  }
}

/** Longer is not waited for: a request is worth more than its count. */
const ANSWER_WITHIN_MS = 500;

/** Counts in Redis. */
export class RedisRateWindows implements RateWindows {
  private readonly client: Redis;
  private readonly limiter: RateLimiterRedis;
  /** The first attempt to connect, however it ended: later ones are the client's own. */
  private connected: Promise<unknown> | undefined;

  constructor(url: string, seconds = WINDOW_SECONDS) {
    this.client = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: ANSWER_WITHIN_MS,
      disconnectTimeout: ANSWER_WITHIN_MS,
      commandTimeout: ANSWER_WITHIN_MS,
    });
    // What a command throws is told to whoever waits for it; this is the connection between two commands.
    this.client.on('error', () => undefined);
    this.limiter = new RateLimiterRedis({
      storeClient: this.client,
      keyPrefix: 'bylaw:rate',
      points: Number.MAX_SAFE_INTEGER,
      duration: seconds,
      rejectIfRedisNotReady: true,
    });
  }

  async take(orgId: string, name: string, points: number): Promise<TakenWindow> {
    await (this.connected ??= this.client.connect().catch(() => undefined));
    const { consumedPoints, msBeforeNext } = await this.limiter.penalty(`${orgId}:${name}`, points);
    return { taken: consumedPoints, resetMs: Math.max(0, msBeforeNext) };
  }

  close(): void {
    this.client.disconnect();
  }
}
