import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Response } from 'express';
import { AppError, systemScope } from '#kernel';
import type { FollowEvents } from '#contracts';
import { LIVE_CHANNEL, LiveEvents, LOGGER, WakeUps, type LivePosition, type Logger } from '#platform';
import { EventFeed, type EventSource } from './event-feed.js';
import { EventStream } from './event-stream.js';

const IN_THIS_PROCESS = 1_000;
/** One organization's streams leave room for another's. */
const OF_ONE_ORGANIZATION = 50;
const RETRY_AFTER_S = 30;
/** Proxies end what is silent for longer; a key that has ended is noticed by then. */
const HEARTBEAT_MS = 15_000;
/** What nobody told of is looked for. */
const LOOK_MS = 4_000;

interface Open {
  orgId: string;
  stream: EventStream;
}

/** The streams of events that are open in this process. */
@Injectable()
export class EventStreams implements OnModuleInit, BeforeApplicationShutdown {
  private readonly feeds = new Map<string, EventFeed>();
  private readonly open = new Set<Open>();
  private look: NodeJS.Timeout | undefined;

  constructor(
    private readonly events: LiveEvents,
    private readonly wakeUps: WakeUps,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** How many clients follow in this process. */
  get followed(): number {
    return this.open.size;
  }

  onModuleInit(): void {
    this.wakeUps.listen(LIVE_CHANNEL, (orgId) => this.feeds.get(orgId)?.wake());
    this.look = setInterval(() => {
      for (const feed of this.feeds.values()) feed.wake();
    }, LOOK_MS);
  }

  /** Clients go on elsewhere, from where they are. */
  beforeApplicationShutdown(): void {
    clearInterval(this.look);
    for (const { stream } of this.open) stream.end();
  }

  /**
   * Streams an organization's events for as long as the client stays and its credential is good.
   * @param orgId UUID
   * @param client its response, what it wants, and where it was
   * @param authenticate throws once the credential has ended
   * @throws AppError `too_many_requests`
   */
  async follow(
    orgId: string,
    client: { response: Response; wanted: FollowEvents; from: LivePosition | undefined },
    authenticate: () => Promise<unknown>,
  ): Promise<void> {
    this.refuseTooMany(orgId);
    const failed = (error: unknown): void => this.logger.warn({ err: error, org_id: orgId }, 'live events');
    const source = this.sourceOf(orgId);
    const { response, wanted, from } = client;
    const entry: Open = { orgId, stream: new EventStream(response, wanted, source, failed) };
    this.open.add(entry);
    const ends = [(): unknown => this.open.delete(entry)];
    const close = (): void => {
      for (const end of ends.splice(0)) end();
    };
    response.once('close', close);
    try {
      ends.push(await this.join(orgId, source, entry.stream));
      const beat = setInterval(() => {
        entry.stream.beat();
        authenticate().catch((error: unknown) => {
          // What is only out of order for a moment ends nobody's stream.
          if (error instanceof AppError && error.status === 401) entry.stream.end();
        });
      }, HEARTBEAT_MS);
      ends.push(() => clearInterval(beat));
      await entry.stream.begin(from);
    } finally {
      if (response.destroyed || !response.headersSent) close();
    }
  }

  private async join(orgId: string, source: EventSource, stream: EventStream): Promise<() => void> {
    const feed =
      this.feeds.get(orgId) ??
      new EventFeed(source, (error) => this.logger.warn({ err: error, org_id: orgId }, 'live events'));
    this.feeds.set(orgId, feed);
    const forget = (): void => {
      if (feed.isEmpty && this.feeds.get(orgId) === feed) this.feeds.delete(orgId);
    };
    try {
      const leave = await feed.join(stream);
      return () => {
        leave();
        forget();
      };
    } catch (error) {
      forget();
      throw error;
    }
  }

  private sourceOf(orgId: string): EventSource {
    const scope = systemScope(orgId, 'live events');
    return {
      present: () => this.events.present(scope),
      after: (position) => this.events.after(scope, position),
    };
  }

  private refuseTooMany(orgId: string): void {
    const ofThisOrganization = [...this.open].filter((one) => one.orgId === orgId).length;
    if (this.open.size < IN_THIS_PROCESS && ofThisOrganization < OF_ONE_ORGANIZATION) return;
    throw new AppError(
      'too_many_requests',
      `At most ${OF_ONE_ORGANIZATION} streams of an organization are open at a time: end one, or share it.`,
      { retryAfter: RETRY_AFTER_S },
    );
  }
}
