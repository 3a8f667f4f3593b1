import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** Somebody can't be reached or doesn't let us in; `message` says who and why, and holds no secret. */
export class UnreachableError extends Error {}

/** In words, where a code alone says little. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name can’t be looked up',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ETIMEDOUT: 'it does not answer',
  '28P01': 'the password is wrong, or there is no such login',
  '28000': 'the server lets this login in from nowhere we come from',
  '3D000': 'there is no such database',
  '53300': 'all its connections are taken',
  '57P03': 'it is starting, or ending',
};

/** One connection to Postgres that looks on: whatever it runs, nothing is changed and nothing waits for long. */
export class Inspection {
  private constructor(
    private readonly client: pg.Client,
    private readonly limitMs: number,
  ) {}

  /**
   * Connects, does the work and ends the connection.
   * @param url a login
   * @param limitMs for connecting and for each statement, milliseconds
   * @param work what to look at
   * @throws UnreachableError where the login doesn't get in, and whatever `work` throws
   */
  static async of<Result>(
    url: string,
    limitMs: number,
    work: (inspection: Inspection) => Promise<Result>,
  ): Promise<Result> {
    const client = await connect(url, limitMs);
    try {
      return await work(new Inspection(client, limitMs));
    } finally {
      await end(client, limitMs);
    }
  }

  /**
   * Runs one statement in a transaction that only reads.
   * @param sql one statement
   * @param parameters of the statement
   */
  async read<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.within('', sql, parameters);
  }

  /**
   * The same, by indexes wherever there are any: the plan that is best where rows are there reads a whole table to find
   * that none is.
   * @param sql one statement
   */
  async readByIndex<Row>(sql: string): Promise<Row[]> {
    return this.within('; set local enable_seqscan = off', sql, []);
  }

  private async within<Row>(settings: string, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    // Not as the connection's settings: a pooler would refuse them, or leave them to the next one.
    await this.client.query(`begin read only; set local statement_timeout = ${Math.ceil(this.limitMs)}${settings}`);
    try {
      return (await this.client.query(sql, [...parameters])).rows as Row[];
    } finally {
      await this.client.query('rollback').catch(() => undefined);
    }
  }
}

/**
 * Whether a login hears what another connection of its own tells, as wake-ups are told: past a pooler that gives a
 * connection away after each transaction nobody hears anything.
 * @param url the login
 * @param channel a name that nobody else listens to
 * @param limitMs for connecting, and again for hearing, milliseconds
 * @throws UnreachableError where the login doesn't get in
 */
export async function hearsNotifications(url: string, channel: string, limitMs: number): Promise<boolean> {
  const [listening, telling] = await Promise.all([connect(url, limitMs), connect(url, limitMs)]);
  let timer: NodeJS.Timeout | undefined;
  try {
    const heard = new Promise<boolean>((resolve) => {
      listening.on('notification', () => resolve(true));
      timer = setTimeout(() => resolve(false), limitMs);
    });
    await listening.query(`listen ${pg.escapeIdentifier(channel)}`);
    await telling.query('select pg_notify($1, $2)', [channel, '']);
    return await heard;
  } finally {
    clearTimeout(timer);
    // A pooler may give the connection to somebody else, who has no use for it.
    await listening.query(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => undefined);
    await Promise.all([listening, telling].map((client) => end(client, limitMs)));
  }
}

/** @returns login, host and database of a connection URL, without its password */
export function placeOf(url: string): string {
  const { username, hostname, port, pathname } = new URL(url);
  const login = username === '' ? '' : `${decodeURIComponent(username)}@`;
  return `${login}${hostname}${port === '' ? '' : `:${port}`}${pathname === '/' ? '' : pathname}`;
}

/**
 * @param error of a connection to Postgres, Redis or HTTP
 * @returns why there is none, in words
 */
export function reasonOf(error: unknown): string {
  const { code = '', message = '', cause } = error as { code?: string; message?: string; cause?: unknown };
  if (REASONS[code] === undefined && cause !== undefined) return reasonOf(cause);
  if (/time(?:d )?out|timeout expired/i.test(message)) return 'it does not answer in time';
  if (/^(?:NOAUTH|WRONGPASS)\b/.test(message)) return 'it wants a password, or another one';
  return REASONS[code] ?? (message === '' ? code || 'no reason was given' : message);
}

/** A server that has gone silent is not waited for. */
async function end(client: pg.Client, limitMs: number): Promise<void> {
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, delay(limitMs, undefined, { ref: false })]);
}

async function connect(url: string, limitMs: number): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
    application_name: 'bylaw-doctor',
  });
  // A connection that is lost later is told to whoever waits for an answer.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw new UnreachableError(`${placeOf(url)}: ${reasonOf(cause)}`, { cause });
  }
}
