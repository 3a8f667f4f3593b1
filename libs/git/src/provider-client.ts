import {
  OutboundFailed,
  OutboundRefused,
  type OutboundAnswer,
  type OutboundHttp,
  type OutboundRequest,
} from '#platform';

const DETAIL_MAX = 200;
const PAGES_MAX = 10;
const RETRY_AFTER_MAX_SECONDS = 3_600;

/** The provider is away, or has no room for us now: worth another try. `message` is for the tenant. */
export class ProviderAway extends Error {
  /** @param retryAfterSeconds where the provider says when */
  constructor(
    message: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** The provider does not let us: trying again changes nothing. `message` is for the tenant. */
export class ProviderRefused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** What came back, parsed. */
export interface ProviderAnswer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

/** A page as Bitbucket has it; others answer the values alone, and say in the header `Link` whether there are more. */
interface ValuesPage {
  values: unknown[];
  next: string;
}

/** Calls a provider's API; what goes wrong is told without what was sent. */
export class ProviderClient {
  private readonly base: string;

  /**
   * @param base of the API, as somebody wrote it
   * @param headers of every call, the credential among them
   */
  constructor(
    private readonly http: OutboundHttp,
    base: string,
    private readonly headers: Record<string, string>,
  ) {
    this.base = base.replace(/\/+$/, '');
  }

  /**
   * @param path from the base
   * @param body JSON
   * @throws ProviderAway, ProviderRefused
   */
  async call(method: OutboundRequest['method'], path: string, body?: unknown): Promise<ProviderAnswer> {
    const answer = await this.send(method, path, body);
    const { status, headers, text } = answer;
    if (status >= 200 && status < 300) return { status, headers, body: parsed(text) };
    const what = `${new URL(this.base).host} answered ${status} to ${method} ${path.split('?')[0]}${detailOf(text)}`;
    if (isAway(answer)) throw new ProviderAway(what, retryAfterOf(headers));
    throw new ProviderRefused(what, status);
  }

  /**
   * Reads a list that comes in pages.
   * @param path with a query, to which `page` is added
   * @returns the items of the first ten pages, and whether these are all
   * @throws ProviderAway, ProviderRefused
   */
  async list(path: string): Promise<{ items: unknown[]; whole: boolean }> {
    const items: unknown[] = [];
    for await (const page of this.pages(path)) {
      items.push(...page.items);
      if (page.last) return { items, whole: true };
    }
    return { items, whole: false };
  }

  /**
   * Reads a list that comes in pages until something is found.
   * @param path with a query, to which `page` is added
   * @param find looks at one item
   * @returns what it found first, among the first ten pages
   * @throws ProviderAway, ProviderRefused
   */
  async search<Found>(
    path: string,
    find: (item: Record<string, unknown>) => Found | undefined,
  ): Promise<Found | undefined> {
    for await (const { items } of this.pages(path)) {
      for (const item of items) {
        const found = find(item as Record<string, unknown>);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** Where the next page is, is ours to say: the address that comes with a page could lead anywhere. */
  private async *pages(path: string): AsyncGenerator<{ items: unknown[]; last: boolean }> {
    for (let page = 1; page <= PAGES_MAX; page++) {
      const { body, headers } = await this.call('GET', `${path}&page=${page}`);
      const { values, next } = Array.isArray(body) ? { values: body, next: undefined } : (body as Partial<ValuesPage>);
      const last = next === undefined && !/;\s*rel="?next"?/.test(headers['link'] ?? '');
      yield { items: values ?? [], last };
      if (last) return;
    }
  }

  private async send(method: OutboundRequest['method'], path: string, body: unknown): Promise<OutboundAnswer> {
    try {
      return await this.http.send({
        method,
        url: `${this.base}${path}`,
        headers: {
          accept: 'application/json',
          ...this.headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (error instanceof OutboundFailed) throw new ProviderAway(error.message);
      if (error instanceof OutboundRefused) throw new ProviderRefused(error.message, 0);
      throw error;
    }
  }
}

/** GitHub says 403 where it means 429. */
function isAway({ status, headers }: OutboundAnswer): boolean {
  if (status >= 500 || status === 429 || status === 408) return true;
  return status === 403 && (headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined);
}

/** In seconds or as a date, or, of who has no calls left, when there are some again (GitHub, GitLab). */
function retryAfterOf(headers: Record<string, string>): number | undefined {
  const said = headers['retry-after'];
  const again = headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'];
  const seconds =
    said === undefined
      ? Number(again) - Date.now() / 1_000
      : /^\d+$/.test(said)
        ? Number(said)
        : (Date.parse(said) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.min(Math.max(1, Math.ceil(seconds)), RETRY_AFTER_MAX_SECONDS) : undefined;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new ProviderAway('The provider’s answer is no JSON.');
  }
}

/** What providers say of a refusal is for people; it is their text, and short. */
function detailOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    const said =
      typeof message === 'string' ? message : typeof error === 'string' ? error : JSON.stringify(message ?? error);
    return said === undefined ? '.' : `: ${said.slice(0, DETAIL_MAX)}`;
  } catch {
    return '.';
  }
}
