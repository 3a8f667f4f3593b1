import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { AppError, readCredential, sha256Hex, type CredentialKind } from '#kernel';

const WINDOW_SECONDS = 60;
const KNOWN_MAX = 50_000;
/** What is at home in one network: an IPv6 client has as many addresses as it likes. */
const IPV6_NETWORK_BYTES = 8;

/** The address has brought too many wrong credentials; `retryAfterSeconds` until it may try again. */
export class TooManyAttempts extends AppError {
  constructor(readonly retryAfterSeconds: number) {
    super(
      'too_many_requests',
      `Too many wrong credentials came from your address: try again in ${retryAfterSeconds} s, with the right one.`,
    );
  }
}

/**
 * Keeps those who guess from costing a query each. A wrong credential is refused from memory for a minute; an address
 * that brings many different ones is refused whatever it brings, but for credentials that were good here before: who
 * shares an address with a guesser goes on. Each process counts by itself, since it is itself that it protects.
 */
export class CredentialAttempts {
  private readonly wrong = new LRUCache<string, AppError>({ max: KNOWN_MAX, ttl: WINDOW_SECONDS * 1_000 });
  private readonly good = new LRUCache<string, true>({ max: KNOWN_MAX });
  private readonly addresses: RateLimiterMemory;

  /**
   * @param perMinute wrong credentials that one address may bring
   * @param onRefusal told of each request that an address had no room left for
   */
  constructor(
    private readonly perMinute: number,
    private readonly onRefusal: () => void,
  ) {
    this.addresses = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS });
  }

  /**
   * @param kind that is taken at this door
   * @param address of the client
   * @param credential as it was sent
   * @param check asks the database
   * @returns what `check` returns
   * @throws TooManyAttempts, and whatever `check` throws
   */
  async check<Result>(
    kind: CredentialKind,
    address: string,
    credential: string,
    check: () => Promise<Result>,
  ): Promise<Result> {
    // What is none by its checksum, or is one for another door, costs no query; and it may be good there.
    if (readCredential(credential)?.kind !== kind) return check();
    const hash = sha256Hex(credential);
    const refusal = this.wrong.get(hash);
    if (refusal !== undefined) throw refusal;
    const network = networkOf(address);
    if (!this.good.has(hash)) await this.requireRoom(network);
    try {
      const result = await check();
      this.good.set(hash, true);
      return result;
    } catch (error) {
      if (error instanceof AppError && error.status === 401) {
        this.good.delete(hash);
        this.wrong.set(hash, error);
        await this.addresses.penalty(network, 1);
      }
      throw error;
    }
  }

  /**
   * Checks who sends by something else than a credential of ours, such as a signed body, unless the address has brought too
   * many wrong ones. Who proved it before for the same subject, from the same network, goes on whatever others bring.
   * @param address of the client
   * @param subject what the sender claims to speak for
   * @param check finds out; a refusal with 401 counts
   * @throws TooManyAttempts, and whatever `check` throws
   */
  async checkProof<Result>(address: string, subject: string, check: () => Promise<Result>): Promise<Result> {
    const network = networkOf(address);
    const known = `${network} ${subject}`;
    if (!this.good.has(known)) await this.requireRoom(network);
    try {
      const result = await check();
      this.good.set(known, true);
      return result;
    } catch (error) {
      if (error instanceof AppError && error.status === 401) await this.addresses.penalty(network, 1);
      throw error;
    }
  }

  private async requireRoom(network: string): Promise<void> {
    const seen = await this.addresses.get(network);
    if (seen === null || seen.consumedPoints < this.perMinute) return;
    this.onRefusal();
    throw new TooManyAttempts(Math.max(1, Math.ceil(seen.msBeforeNext / 1_000)));
  }
}

/**
 * @param address IPv4 or IPv6, as the socket or a trusted proxy gives it
 * @returns the IPv4 address, the first half of an IPv6 one; what is no address stands for itself
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return Buffer.from(parsed.toByteArray().slice(0, IPV6_NETWORK_BYTES)).toString('hex');
}
