import { canonicalJson, sha256, uuidV5 } from '#kernel';
import { loadStockLibrary, type PolicyMetadata, type StockLibrary, type StockPolicy, type StockSet } from '#engine';

/** The policies that come with the platform: compiled at build time, the same for every organization (E2, T6). */
export class BuiltInLibrary {
  private readonly bySlug: ReadonlyMap<string, StockPolicy>;

  constructor(private readonly stock: StockLibrary) {
    this.bySlug = new Map(stock.manifest.policies.map((policy) => [policy.slug, policy]));
  }

  /** Reads what the build left. */
  static async load(): Promise<BuiltInLibrary> {
    return new BuiltInLibrary(await loadStockLibrary());
  }

  get module(): StockLibrary {
    return this.stock;
  }

  /** SHA-256 of the module in hexadecimal: a part of what every verdict depends on. */
  get digest(): string {
    return this.stock.manifest.digest;
  }

  get policies(): readonly StockPolicy[] {
    return this.stock.manifest.policies;
  }

  get sets(): readonly StockSet[] {
    return this.stock.manifest.sets;
  }

  /** @returns the metadata of a built-in policy, undefined where there is none of that slug */
  metadata(slug: string): PolicyMetadata | undefined {
    return this.bySlug.get(slug)?.metadata;
  }
}

/** @returns the id of a built-in policy in an organization: the same whenever it is computed */
export function builtInPolicyId(orgId: string, slug: string): string {
  return uuidV5(orgId, `policy/${slug}`);
}

/** @returns the id of a built-in set in an organization */
export function builtInSetId(orgId: string, slug: string): string {
  return uuidV5(orgId, `policy-set/${slug}`);
}

/** @returns what tells two versions of a built-in policy apart: what it says and what it does */
export function builtInDigest(policy: StockPolicy): Buffer {
  return sha256(canonicalJson({ metadata: policy.metadata, source: policy.source_digest }));
}
