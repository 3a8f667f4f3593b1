import { canonicalJson, publicId, requirePublicId, sha256Hex } from '#kernel';
import type { Bundle, BundleBinding, BundleItem, BundleModule } from '#contracts';
import type { BindingItem, EffectiveBinding, TargetCondition } from '#decision';
import type { PolicyInfo } from '#engine';

/** A module of a bundle, before anybody has its bytes. */
export interface BundledModule extends Omit<BundleModule, 'policies' | 'broken'> {
  policies: readonly PolicyInfo[];
  broken: ReadonlyMap<string, string>;
}

/** What a bundle is made of. */
export interface BundleParts extends Omit<Bundle, 'digest' | 'made_at' | 'bindings' | 'modules'> {
  bindings: readonly EffectiveBinding[];
  modules: readonly BundledModule[];
}

/**
 * Writes out what posted objects are judged by, for somebody who judges them elsewhere (E10).
 * @param parts of it
 * @param madeAt when
 * @returns the same text for the same parts, but for the time
 */
export function bundleOf({ bindings, modules, ...rest }: BundleParts, madeAt: Date): Bundle {
  const library = modules.find(({ role }) => role === 'library')?.key ?? null;
  const own = modules.find(({ role }) => role === 'own')?.key ?? null;
  const moduleOf = ({ origin, module }: BindingItem): string | null =>
    origin === 'builtin' ? (module ?? library) : own;
  const content = {
    ...rest,
    bindings: bindings.map((binding) => bindingShape(binding, moduleOf)),
    modules: modules.map(({ policies, broken, ...module }) => ({
      ...module,
      policies: policies as unknown as BundleModule['policies'],
      broken: Object.fromEntries(broken),
    })),
  };
  return { digest: contentDigest(content), made_at: madeAt.toISOString(), ...content };
}

/** @returns whether a bundle is what was written out: nothing in it was changed, and nothing is missing */
export function isWhole({ digest, made_at: _madeAt, ...content }: Bundle): boolean {
  return contentDigest(content) === digest;
}

/** @returns the bindings of a bundle, as the decision takes them */
export function bindingsOfBundle({ bindings, modules }: Bundle): EffectiveBinding[] {
  const pinned = new Set(modules.filter(({ role }) => role === 'pinned').map(({ key }) => key));
  return bindings.map(({ id, on_error: onError, active_from: activeFrom, condition, items, ...binding }) => ({
    ...binding,
    bindingId: requirePublicId('binding', id),
    condition: condition as TargetCondition,
    onError: onError ?? undefined,
    activeFrom: new Date(activeFrom),
    items: items.map((item) => itemOf(item, pinned)),
  }));
}

/** @returns what a module's policies say of themselves, as the compiler read it */
export function policiesOfBundle({ policies }: BundleModule): readonly PolicyInfo[] {
  return policies as unknown as readonly PolicyInfo[];
}

function contentDigest(content: Omit<Bundle, 'digest' | 'made_at'>): string {
  return sha256Hex(canonicalJson(content));
}

function bindingShape(
  { bindingId, onError, activeFrom, items, condition, ...binding }: EffectiveBinding,
  moduleOf: (item: BindingItem) => string | null,
): BundleBinding {
  return {
    ...binding,
    id: publicId('binding', bindingId),
    condition: condition as BundleBinding['condition'],
    on_error: onError ?? null,
    active_from: activeFrom.toISOString(),
    items: items.map(({ checkId, policyId, category, kinds, quarantine, ...item }) => ({
      ...item,
      check_id: checkId,
      policy_id: publicId('policy', policyId),
      category: category as BundleItem['category'],
      kinds: [...kinds],
      module: moduleOf({ checkId, policyId, category, kinds, quarantine, ...item }),
      quarantine: quarantine ?? null,
    })),
  };
}

function itemOf(
  { check_id: checkId, policy_id: policyId, module, quarantine, ...item }: BundleItem,
  pinned: ReadonlySet<string>,
): BindingItem {
  return {
    ...item,
    checkId,
    policyId: requirePublicId('policy', policyId),
    module: module !== null && pinned.has(module) ? module : undefined,
    quarantine: quarantine ?? undefined,
  };
}
