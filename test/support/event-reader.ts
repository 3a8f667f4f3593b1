import { eventually } from '#testing';
import type { TestClient } from './test-client.js';

/** One event as a client sees it. */
export interface ReadEvent {
  id: string;
  topic: string;
  data: Record<string, unknown>;
}

/** A client that follows events over HTTP, and keeps what came. */
export class EventReader {
  readonly events: ReadEvent[] = [];
  /** The id that came last, with an event or without. */
  lastId = '';
  retryMs: number | undefined;
  comments = 0;
  /** Whether the server ended the stream. */
  ended = false;
  private text = '';

  private constructor(
    readonly status: number,
    readonly headers: Headers,
    private readonly leaving: AbortController,
  ) {}

  /**
   * @param url of the platform
   * @param client whose key is used
   * @param filters of the query
   * @param lastId where to go on
   */
  static async open(url: string, client: TestClient, filters = '', lastId?: string): Promise<EventReader> {
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/v1/events${filters}`, {
      headers: { authorization: `Bearer ${client.key}`, ...(lastId !== undefined && { 'last-event-id': lastId }) },
      signal: leaving.signal,
    });
    const reader = new EventReader(response.status, response.headers, leaving);
    if (response.status === 200) void reader.follow(response);
    else await response.text();
    return reader;
  }

  /** Goes away without a word. */
  leave(): void {
    this.leaving.abort();
  }

  topics(): string[] {
    return this.events.map(({ topic }) => topic);
  }

  /** Waits for the first event of a topic that satisfies a condition. */
  next(topic: string, condition: (data: Record<string, unknown>) => boolean = () => true): Promise<ReadEvent> {
    return eventually(
      async () => this.events.find((event) => event.topic === topic && condition(event.data)),
      `the event ${topic}`,
    ) as Promise<ReadEvent>;
  }

  private async follow(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const piece of response.body ?? []) this.take(decoder.decode(piece as Uint8Array, { stream: true }));
      this.ended = true;
    } catch {
      // Left, or cut off.
    }
  }

  private take(piece: string): void {
    const blocks = (this.text + piece).split('\n\n');
    this.text = blocks.pop() ?? '';
    for (const block of blocks) this.takeBlock(block);
  }

  private takeBlock(block: string): void {
    const fields: Record<string, string> = {};
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (name === '') this.comments++;
      else fields[name] = value;
    }
    if (fields['retry'] !== undefined) this.retryMs = Number(fields['retry']);
    if (fields['id'] !== undefined) this.lastId = fields['id'];
    if (fields['data'] === undefined) return;
    this.events.push({
      id: this.lastId,
      topic: fields['event'] ?? 'message',
      data: JSON.parse(fields['data']) as Record<string, unknown>,
    });
  }
}
