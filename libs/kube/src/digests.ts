import { canonicalJson, sha256, type JsonObject } from '#kernel';
import { canonicalIdentity, type ObjectIdentity } from './identity.js';

const DIGEST_BYTES = 32;
const MODULUS = 1n << 256n;

/**
 * @param object an object as `normalise()` answered it
 * @returns SHA-256 of its canonical JSON, 32 bytes (DESIGN.md F9)
 */
export function contentDigest(object: JsonObject): Buffer {
  return sha256(canonicalJson(object));
}

function entry(identity: ObjectIdentity, content: Uint8Array): bigint {
  if (content.length !== DIGEST_BYTES) throw new RangeError(`a content digest has 32 bytes, got ${content.length}`);
  return BigInt(`0x${sha256(Buffer.concat([sha256(canonicalIdentity(identity)), content])).toString('hex')}`);
}

/**
 * The digest of all objects of a kind: the sum mod 2²⁵⁶ of SHA-256(identity ‖ content), so that an object comes and
 * goes without reading the others, in any order (DESIGN.md F9).
 */
export class KindDigest {
  private sum: bigint;

  /** @param bytes where to go on from: 32 bytes as `bytes()` gave them; absent, no objects */
  constructor(bytes?: Uint8Array) {
    if (bytes && bytes.length !== DIGEST_BYTES) throw new RangeError(`a digest has 32 bytes, got ${bytes.length}`);
    this.sum = bytes ? BigInt(`0x${Buffer.from(bytes).toString('hex')}`) : 0n;
  }

  /**
   * @param identity of an object that has come
   * @param content its content digest
   */
  add(identity: ObjectIdentity, content: Uint8Array): this {
    this.sum = (this.sum + entry(identity, content)) % MODULUS;
    return this;
  }

  /**
   * @param identity of an object that has gone
   * @param content the digest it was added with
   */
  remove(identity: ObjectIdentity, content: Uint8Array): this {
    this.sum = (this.sum - entry(identity, content) + MODULUS) % MODULUS;
    return this;
  }

  /** @returns 32 bytes, big-endian; all zero where there are no objects */
  bytes(): Buffer {
    return Buffer.from(this.sum.toString(16).padStart(DIGEST_BYTES * 2, '0'), 'hex');
  }
}

/** The digest of one kind, as it enters the cluster's. */
export interface KindDigestEntry {
  group: string;
  kind: string;
  digest: Uint8Array;
}

/**
 * The cluster's digest: over (normaliser version, kind, digest), sorted; kinds without objects don't count, so that a
 * kind whose last object went equals one that was never seen (DESIGN.md F9).
 * @param normaliserVersion version of `normalise()` that made the contents
 * @param kinds one entry per kind
 * @returns 32 bytes
 */
export function clusterDigest(normaliserVersion: number, kinds: Iterable<KindDigestEntry>): Buffer {
  const rows = [...kinds]
    .map(({ group, kind, digest }) => ({ key: `${group}/${kind}`, digest: Buffer.from(digest).toString('hex') }))
    .filter(({ digest }) => /[^0]/.test(digest))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, digest }) => [normaliserVersion, key, digest]);
  return sha256(canonicalJson(rows));
}
