import pg from 'pg';

type Listener = (id: string) => void;

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Tells every process of the platform that there is something to look for, by Postgres' LISTEN and NOTIFY: outside
 * transactions, with an id at most, and lost without harm, since everyone looks by himself now and then (F10).
 */
export class WakeUps {
  private readonly listeners = new Map<string, Set<Listener>>();
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private closed = false;

  /**
   * @param url a login that reaches Postgres itself: behind a pooler nobody would hear anything
   * @param onError what went wrong; it is tried again
   */
  constructor(
    private readonly url: string,
    private readonly onError: (error: Error) => void,
  ) {}

  /**
   * Wakes every process that listens.
   * @param channel a name in lower case
   * @param id what is woken for, or nothing
   */
  notify(channel: string, id = ''): void {
    void this.connected()
      .then((client) => client?.query('select pg_notify($1, $2)', [channel, id]))
      .catch((error: Error) => this.onError(error));
  }

  /**
   * @param channel a name in lower case
   * @param listener told of each wake-up
   * @returns ends it
   */
  listen(channel: string, listener: Listener): () => void {
    const present = this.listeners.get(channel);
    if (present === undefined) {
      this.listeners.set(channel, new Set([listener]));
      void this.connected()
        .then((client) => client?.query(`listen ${pg.escapeIdentifier(channel)}`))
        .catch((error: Error) => this.onError(error));
    } else present.add(listener);
    return () => this.listeners.get(channel)?.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private opening: Promise<pg.Client | undefined> | undefined;

  private connected(): Promise<pg.Client | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    this.opening ??= this.open().catch((error: Error) => {
      this.lost(error);
      return undefined;
    });
    return this.opening;
  }

  private async open(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'bylaw-wake-ups', keepAlive: true });
    client.on('error', (error) => this.lost(error));
    client.on('end', () => this.lost(new Error('the connection for wake-ups ended')));
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.listeners.get(channel) ?? []) listener(payload ?? '');
    });
    await client.connect();
    for (const channel of this.listeners.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    this.client = client;
    this.failures = 0;
    return client;
  }

  private lost(error: Error): void {
    if (this.closed || this.timer !== undefined) return;
    this.onError(error);
    this.client?.removeAllListeners('notification');
    this.client = undefined;
    this.opening = undefined;
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures++);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.connected();
    }, wait);
  }
}
