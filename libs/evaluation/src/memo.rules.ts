import { canonicalJson, sha256, type JsonObject } from '#kernel';
import type { EffectiveCheck } from '#decision';

/** What an object's checks are: which, in which version, with which parameters and severity. */
export interface Slice {
  /** Of all of them. */
  digest: Buffer;
  /** Of each, in the order of the checks. */
  checkDigests: Buffer[];
}

const slices = new WeakMap<readonly EffectiveCheck[], Slice>();

/**
 * @param checks in the order of their numbers; many objects have the same list, whose digests are worked out once
 */
export function sliceOf(checks: readonly EffectiveCheck[]): Slice {
  const slice = slices.get(checks) ?? digestsOf(checks);
  slices.set(checks, slice);
  return slice;
}

function digestsOf(checks: readonly EffectiveCheck[]): Slice {
  const checkDigests = checks.map(({ checkId, slug, version, severity, parameters }) =>
    sha256(canonicalJson([checkId, slug, version, severity, parameters])),
  );
  return { digest: sha256(Buffer.concat(checkDigests)), checkDigests };
}

/** Everything that an object's verdicts depend on, beside the checks themselves. */
export interface MemoParts {
  bodyHash: Buffer;
  /** Digest of the module and of what the host adds to it. */
  engine: string;
  kubernetesVersion: string | null;
  /** The API version in which it was last written, null where nobody said so. */
  writtenAs: string | null;
  /** The object's Namespace, as policies are given it; undefined where it is not known. */
  namespace: JsonObject | undefined;
  /** Projected fields of the other objects that policies looked at (E7). */
  related: Record<string, Record<string, JsonObject[]>>;
  /** What the controller fails in that an owned object's findings are folded into (V4); null where nothing controls it. */
  fold: string | null;
  /** When an object was made that is too young for some of its policies; null once it has settled. */
  settling: string | null;
}

const digests = new WeakMap<object, string>();

/** A Namespace is the same for all its objects, and so is what there is of some kinds: each is digested once. */
function digestOf(value: JsonObject | JsonObject[]): string {
  const digest = digests.get(value) ?? sha256(canonicalJson(value)).toString('hex');
  digests.set(value, digest);
  return digest;
}

function relatedDigests(related: MemoParts['related']): JsonObject {
  return Object.fromEntries(
    Object.entries(related).map(([policy, relations]): [string, JsonObject] => [
      policy,
      Object.fromEntries(Object.entries(relations).map(([name, objects]) => [name, digestOf(objects)])),
    ]),
  );
}

const OWN_BYTES = 32;

/**
 * @param parts all that the verdicts depend on, beside the checks
 * @returns 32 bytes for what every policy sees, and 32 more for what lies beside the object where policies look there; while
 *   they are the same, so is the verdict of each check whose own digest is (V2)
 */
export function memoOf(parts: MemoParts): Buffer {
  const own = canonicalJson([
    parts.engine,
    parts.kubernetesVersion,
    parts.writtenAs,
    parts.namespace === undefined ? null : digestOf(parts.namespace),
    parts.fold,
    parts.settling,
  ]);
  const ofAll = sha256(Buffer.concat([parts.bodyHash, Buffer.from(own)]));
  if (Object.keys(parts.related).length === 0) return ofAll;
  return Buffer.concat([ofAll, sha256(canonicalJson(relatedDigests(parts.related)))]);
}

/** What is another than it was: nothing, only what lies beside the object, or what every policy sees. */
export type MemoChange = 'none' | 'beside' | 'own';

/**
 * @param before as it was kept, null where nothing was
 * @param now made by memoOf
 */
export function memoChange(before: Buffer | null, now: Buffer): MemoChange {
  if (before === null || !before.subarray(0, OWN_BYTES).equals(now.subarray(0, OWN_BYTES))) return 'own';
  return before.equals(now) ? 'none' : 'beside';
}
