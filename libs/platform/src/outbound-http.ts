import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import { AllowedNetworks } from './outbound-address.rules.js';

/** What is not said otherwise takes no longer, and answers no more. */
const TIMEOUT_MS = 15_000;
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_REDIRECTS = 3;
const CONNECTIONS_PER_HOST = 8;

/** One call to a server that a tenant named. */
export interface OutboundRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Milliseconds, from the first byte sent to the last one read. */
  timeoutMs?: number;
  /** The most bytes of an answer that are read. */
  maxBytes?: number;
}

/** What came back, whole. */
export interface OutboundAnswer {
  status: number;
  /** By their names in lower case. */
  headers: Record<string, string>;
  text: string;
}

/** It is not called: the address is private, or the URL none that is taken. `message` is for the tenant. */
export class OutboundRefused extends Error {}

/** It was called, or was to be, and did not answer as a server does. `message` is for the tenant. */
export class OutboundFailed extends Error {}

/** Where a server is, checked: whoever connects takes one of these and asks nobody again. */
export interface OutboundPlace {
  hostname: string;
  port: number;
  addresses: string[];
  /** The operator named all of them: they may be talked to without TLS. */
  named: boolean;
}

/**
 * The one way to URLs that tenants give (H4): no private, loopback or link-local address, whether it is written in the URL,
 * resolved, or redirected to; limits on size, time and redirects; no TLS only where the operator named the network.
 */
export class OutboundHttp {
  private readonly networks: AllowedNetworks;
  private readonly agent: Agent;

  /** @param allowed networks that may be reached although they are private (`BYLAW_OUTBOUND_ALLOW`) */
  constructor(allowed: readonly string[]) {
    this.networks = new AllowedNetworks(allowed);
    const connect = buildConnector({ lookup: this.checkedLookup() });
    this.agent = new Agent({
      connections: CONNECTIONS_PER_HOST,
      connect: (options, callback) => {
        const literal = options.hostname.replace(/^\[|\]$/g, '');
        // An address that is written in the URL is looked up by nobody.
        if (isIP(literal) !== 0 && !this.networks.permits(literal)) return callback(refusal(literal), null);
        connect(options, callback);
      },
    });
  }

  /**
   * @returns the answer, of any status; redirects of GET and HEAD are followed
   * @throws OutboundRefused, OutboundFailed
   */
  async send(wanted: OutboundRequest): Promise<OutboundAnswer> {
    const signal = AbortSignal.timeout(wanted.timeoutMs ?? TIMEOUT_MS);
    let url = requireUrl(wanted.url);
    let headers = wanted.headers ?? {};
    for (let redirects = 0; ; redirects++) {
      await this.locate(url);
      const answer = await this.once({ ...wanted, headers }, url, signal);
      const next = redirectOf(wanted.method, answer, url);
      if (next === undefined) return answer;
      if (redirects === MAX_REDIRECTS) throw new OutboundFailed(`${url.host} redirects again and again.`);
      if (next.origin !== url.origin) headers = withoutCredentials(headers);
      url = next;
    }
  }

  /**
   * Finds where a server is, for those who connect by other means.
   * @param url absolute, http or https
   * @throws OutboundRefused where it may not be reached, or not in the clear; OutboundFailed where its name leads nowhere
   */
  async locate(url: URL): Promise<OutboundPlace> {
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(hostname) === 0 ? await addressesOf(hostname) : [hostname];
    const permitted = addresses.filter((address) => this.networks.permits(address));
    if (permitted.length === 0) throw refusal(hostname);
    const named = permitted.every((address) => this.networks.names(address));
    if (url.protocol !== 'https:' && !named)
      throw new OutboundRefused(`${url.host} would be talked to in the clear: use https.`);
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return { hostname, port, addresses: permitted, named };
  }

  /**
   * What can be told of a URL without asking anybody: for the moment when it is saved.
   * @returns why it will never be called; undefined where it may be
   */
  whyNever(url: URL): string | undefined {
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    return isIP(hostname) !== 0 && !this.networks.permits(hostname) ? refusal(hostname).message : undefined;
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async once(wanted: OutboundRequest, url: URL, signal: AbortSignal): Promise<OutboundAnswer> {
    try {
      const { method, headers = {}, body } = wanted;
      const answer = await request(url, {
        method,
        headers: { 'user-agent': 'bylaw', ...headers },
        ...(body !== undefined && { body }),
        signal,
        dispatcher: this.agent,
      });
      return await readWhole(answer, url, wanted.maxBytes ?? MAX_BYTES);
    } catch (error) {
      throw told(error, url);
    }
  }

  /** What a name leads to, without what may not be reached. */
  private async permittedOf(hostname: string): Promise<LookupAddress[]> {
    const permitted = (await addressesOf(hostname)).filter((address) => this.networks.permits(address));
    if (permitted.length === 0) throw refusal(hostname);
    return permitted.map((address) => ({ address, family: isIP(address) }));
  }

  private checkedLookup(): LookupFunction {
    const look = callbackify((hostname: string) => this.permittedOf(hostname));
    return (hostname, _options, callback) => look(hostname, (error, addresses) => callback(error, addresses));
  }
}

async function addressesOf(hostname: string): Promise<string[]> {
  try {
    return (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address);
  } catch (cause) {
    throw new OutboundFailed(`The name ${hostname} leads nowhere.`, { cause });
  }
}

function requireUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw new OutboundRefused('Only https URLs are called.');
  return url;
}

function refusal(hostname: string): OutboundRefused {
  return new OutboundRefused(
    `${hostname} lies in a private network, which is not called; the operator can allow it (BYLAW_OUTBOUND_ALLOW).`,
  );
}

async function readWhole(answer: Dispatcher.ResponseData, url: URL, most: number): Promise<OutboundAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += (chunk as Buffer).length;
    if (bytes > most) throw new OutboundFailed(`${url.host} answers more than ${most} bytes.`);
    chunks.push(chunk as Buffer);
  }
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? '')]);
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(headers) as Record<string, string>,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

function redirectOf(method: string, { status, headers }: OutboundAnswer, url: URL): URL | undefined {
  const location = headers['location'];
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  return URL.canParse(location, url.href) ? requireUrl(new URL(location, url).href) : undefined;
}

/** They were for the server that was named, not for the one it points at. */
function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:authorization|cookie|private-token)$/i.test(name)),
  );
}

/** Says no more than which server it was and what went wrong: errors of undici may hold what was sent. */
function told(error: unknown, url: URL): Error {
  if (error instanceof OutboundFailed || error instanceof OutboundRefused) return error;
  const { name, code, cause } = error as { name?: string; code?: string; cause?: unknown };
  if (cause instanceof OutboundRefused || cause instanceof OutboundFailed) return cause;
  if (name === 'TimeoutError' || name === 'AbortError')
    return new OutboundFailed(`${url.host} took too long to answer.`);
  return new OutboundFailed(`${url.host} could not be called (${code ?? name ?? 'no reason given'}).`);
}
