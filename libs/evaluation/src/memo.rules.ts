import { canonicalJson, sha256, type JsonObject } from '#kernel';
import type { EffectiveCheck } from '#decision';

/**
 * What an object's checks are, as one digest: which, in which version, with which parameters and severity.
 * @param checks in the order of their numbers
 */
export function sliceDigest(checks: readonly EffectiveCheck[]): Buffer {
  return sha256(
    canonicalJson(
      checks.map(({ checkId, slug, version, severity, parameters }) => [checkId, slug, version, severity, parameters]),
    ),
  );
}

/**
 * The slices of one set of bindings: objects of a kind have the same checks, and their digest is worked out once.
 */
export class SliceDigests {
  private readonly known = new Map<string, Buffer>();

  /** @param checks as the bindings gave them: a check's deciding binding says its version, severity and parameters */
  of(checks: readonly EffectiveCheck[]): Buffer {
    const key = checks.map(({ checkId, bindings }) => `${checkId}:${bindings[0]}`).join(',');
    const digest = this.known.get(key) ?? sliceDigest(checks);
    this.known.set(key, digest);
    return digest;
  }
}

/** Everything that an object's verdicts depend on. */
export interface MemoParts {
  bodyHash: Buffer;
  slice: Buffer;
  /** Digest of the module and of what the host adds to it. */
  engine: string;
  kubernetesVersion: string | null;
  namespaceLabels: Record<string, string> | undefined;
  /** Projected fields of the other objects that policies looked at (E7). */
  related: Record<string, Record<string, JsonObject[]>>;
  /** What the controller fails in that an owned object's findings are folded into (V4); null where nothing controls it. */
  fold: string | null;
}

/**
 * @param parts all that the verdicts depend on
 * @returns 32 bytes; while they are the same, so are the verdicts (V2)
 */
export function memoOf(parts: MemoParts): Buffer {
  const rest = canonicalJson([
    parts.engine,
    parts.kubernetesVersion,
    parts.namespaceLabels ?? null,
    Object.keys(parts.related).length === 0 ? null : parts.related,
    parts.fold,
  ]);
  return sha256(Buffer.concat([parts.bodyHash, parts.slice, Buffer.from(rest)]));
}
