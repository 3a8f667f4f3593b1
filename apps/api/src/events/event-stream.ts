import { once } from 'node:events';
import type { Response } from 'express';
import { RESET_EVENT, type FollowEvents } from '#contracts';
import { isAfter, positionText, type LivePosition, type LiveRead, type PlacedEvent } from '#platform';
import type { EventSource, Follower } from './event-feed.js';

/** Clients come back after this and up to as much again, so that they do not come all at once. */
const RETRY_MS = 2_000;
/** And after this where the replica ends: the next one is there by then. */
const RETRY_ELSEWHERE_MS = 4_000;

/**
 * One client that follows an organization's events: first what it has missed, read at its own pace, then what is new,
 * as the feed tells it. A client that takes its time goes back to the first; nothing is kept for it in memory.
 */
export class EventStream implements Follower {
  private catchingUp = true;
  private missed = false;
  private position: LivePosition | undefined;

  /**
   * @param response to the client
   * @param wanted which events
   * @param source of the organization
   * @param onError what broke it; the client comes back and goes on where it was
   */
  constructor(
    private readonly response: Response,
    private readonly wanted: FollowEvents,
    private readonly source: EventSource,
    private readonly onError: (error: unknown) => void,
  ) {}

  /**
   * Begins, once the feed was joined.
   * @param from where the client was; nothing: it follows from now on
   */
  async begin(from: LivePosition | undefined): Promise<void> {
    this.position = from ?? (await this.source.present());
    this.response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-store',
      // Where a replica ends, nothing is to wait for a connection that has had its stream.
      Connection: 'close',
      // nginx holds answers back otherwise.
      'X-Accel-Buffering': 'no',
    });
    this.response.flushHeaders();
    this.response.write(`retry: ${jitter(RETRY_MS)}\n${this.mark()}`);
    await this.catchUp();
  }

  take(read: LiveRead | undefined): void {
    if (this.catchingUp) this.missed = true;
    else if (read === undefined || this.response.writableNeedDrain) void this.catchUp();
    else this.tell(read);
  }

  /** A sign of life; it moves the place that the client goes on from, though nothing came. */
  beat(): void {
    if (!this.response.writableNeedDrain && this.position !== undefined) this.response.write(`:\n${this.mark()}`);
  }

  /** Ends it; the client comes back a little later. */
  end(): void {
    if (this.isOpen) this.response.end(`retry: ${jitter(RETRY_ELSEWHERE_MS)}\n\n`);
  }

  private async catchUp(): Promise<void> {
    this.catchingUp = true;
    try {
      for (let more = true; more && this.isOpen;) {
        await this.drained();
        this.missed = false;
        more = await this.readOn();
      }
      this.catchingUp = false;
    } catch (error) {
      this.onError(error);
      this.end();
    }
  }

  /** @returns whether there is more to be read */
  private async readOn(): Promise<boolean> {
    if (this.position === undefined) return false;
    const read = await this.source.after(this.position);
    if (!this.isOpen) return false;
    if (read === undefined) {
      this.position = await this.source.present();
      this.response.write(`id: ${positionText(this.position)}\nevent: ${RESET_EVENT}\ndata: {}\n\n`);
    } else this.tell(read);
    return read === undefined || read.more || this.missed;
  }

  private tell({ events, position }: LiveRead): void {
    const from = this.position;
    if (from === undefined || !isAfter(position, from)) return;
    const news = events.filter((event) => isAfter(event.position, from) && this.wants(event));
    if (news.length > 0) this.response.write(news.map(textOf).join(''));
    this.position = position;
  }

  private wants({ topic, payload }: PlacedEvent): boolean {
    const { topics, cluster_id: clusterId } = this.wanted;
    return (
      (topics === undefined || topics.includes(topic)) &&
      (clusterId === undefined || ('cluster_id' in payload && payload.cluster_id === clusterId))
    );
  }

  /** No event, but the client keeps the id. */
  private mark(): string {
    return this.position === undefined ? '\n' : `id: ${positionText(this.position)}\n\n`;
  }

  private get isOpen(): boolean {
    return !this.response.writableEnded && !this.response.destroyed;
  }

  private async drained(): Promise<void> {
    if (!this.response.writableNeedDrain || !this.isOpen) return;
    const ended = new AbortController();
    const waits = ['drain', 'close'].map((event) => once(this.response, event, { signal: ended.signal }));
    await Promise.race(waits);
    ended.abort();
    await Promise.allSettled(waits);
  }
}

function textOf({ position, topic, payload }: PlacedEvent): string {
  return `id: ${positionText(position)}\nevent: ${topic}\ndata: ${JSON.stringify(payload)}\n\n`;
}

/** Milliseconds, between so many and twice as many. */
function jitter(ms: number): number {
  return Math.round(ms * (1 + Math.random()));
}
