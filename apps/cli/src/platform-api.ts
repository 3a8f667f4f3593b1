import { CliError } from './cli-error.js';
import { causeOf, refusalOf, type Server } from './server.js';

const ANSWER_WITHIN_MS = 120_000;
const PAGE = 500;

/** The first items of a list. */
export interface FirstItems<Item> {
  items: Item[];
  /** Whether there are others behind them. */
  more: boolean;
}

/** The platform's API, as commands use it. */
export class PlatformApi {
  constructor(private readonly server: Pick<Server, 'url' | 'key'>) {}

  /**
   * @param path below `/api/v1`
   * @returns the parsed answer
   * @throws CliError 2 where it is refused, or the platform is away
   */
  async get<Answer>(path: string): Promise<Answer> {
    return (await this.call('GET', path)) as Answer;
  }

  /**
   * @param body as JSON
   * @param revision that the change is made to: refused where there is a newer one
   * @throws as `get`
   */
  async send<Answer>(method: 'POST' | 'PATCH', path: string, body: object, revision?: number): Promise<Answer> {
    return (await this.call(method, path, body, revision)) as Answer;
  }

  /**
   * @param form with files
   * @throws as `get`
   */
  async upload<Answer>(path: string, form: FormData): Promise<Answer> {
    return (await this.call('POST', path, form)) as Answer;
  }

  /**
   * @param path of a list
   * @param filters its query parameters
   * @returns all its items
   */
  async all<Item>(path: string, filters: Readonly<Record<string, string>> = {}): Promise<Item[]> {
    return (await this.upTo<Item>(Number.POSITIVE_INFINITY, path, filters)).items;
  }

  /**
   * @param most items, at least one
   * @param path of a list
   * @param filters its query parameters
   */
  async upTo<Item>(
    most: number,
    path: string,
    filters: Readonly<Record<string, string>> = {},
  ): Promise<FirstItems<Item>> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const limit = String(Math.min(PAGE, most - items.length));
      const query = new URLSearchParams({ ...filters, limit, ...(cursor !== null && { cursor }) });
      const page: { items: Item[]; next_cursor: string | null } = await this.get(`${path}?${query.toString()}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null && items.length < most);
    return { items, more: cursor !== null };
  }

  private async call(method: string, path: string, body?: object, revision?: number): Promise<unknown> {
    const { url, key } = this.server;
    const isForm = body instanceof FormData;
    let response: Response;
    try {
      // A key is sent to the server that was named, and to no other.
      response = await fetch(`${url}/api/v1${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
          ...(revision !== undefined && { 'if-match': `"${revision}"` }),
        },
        ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      });
    } catch (error) {
      throw new CliError(`no answer from ${url}: ${causeOf(error)}`, 2);
    }
    if (!response.ok) throw await refusalOf(response);
    return response.json();
  }
}
