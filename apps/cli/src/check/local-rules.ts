import { type Severity, severityRank } from '#kernel';
import type { Bundle } from '#contracts';
import type { EffectiveBinding, OriginFacts } from '#decision';
import { loadStockLibrary } from '#engine';
import { bindingsOfBundle, BoundPolicies, type Engine, policiesOfBundle } from '#judging';
import { joined, type LocalModule } from './local-engines.js';
import { itemOf, itemsOfSets, type LocalItem, refuseStrayParameters } from './local-library.js';
import type { CheckSettings } from './settings.js';

/** Violations from here on fail, unless somebody says otherwise (F5). */
const FAIL_ON: Severity = 'low';

/** What is judged by in this process. */
export interface LocalRules {
  bindings: readonly EffectiveBinding[];
  origin: OriginFacts;
  kubernetesVersion: string | undefined;
  failOn: Severity;
  ignores: boolean;
  library: LocalModule;
  /** Of the organization's, or the folders', own policies. */
  own: { modules: readonly LocalModule[]; broken: ReadonlyMap<string, string> } | undefined;
  /** Earlier releases of the library that bindings keep to, by key. */
  pinned: ReadonlyMap<string, LocalModule>;
}

/** A bundle with the bytes of its modules, by key. */
export interface KeptBundle {
  bundle: Bundle;
  modules: ReadonlyMap<string, Uint8Array>;
}

/**
 * @param settings sets of the library and folders of own policies
 * @throws CliError 2 where a set, a folder or parameters are not as they should be
 */
export async function rulesOfSettings(settings: CheckSettings): Promise<LocalRules> {
  const [{ manifest, wasm }, own] = await Promise.all([loadStockLibrary(), ownModules(settings)]);
  const { parameters, ignores, kubernetesVersion, failOn = FAIL_ON } = settings;
  const ownPolicies = own.flatMap(({ policies }) => policies);
  const items = [
    ...itemsOfSets(manifest, settings, new Set(ownPolicies.map(({ slug }) => slug))),
    ...ownPolicies.map((policy) =>
      itemOf(policy, 'custom', { instance: '', parameters: parameters[policy.slug] ?? {} }),
    ),
  ];
  refuseStrayParameters(Object.keys(parameters), items);
  return {
    bindings: bindingsOf(items, failOn),
    origin: { cluster: {} },
    kubernetesVersion,
    failOn,
    ignores,
    library: { wasm, policies: manifest.policies },
    own: own.length === 0 ? undefined : { modules: own, broken: new Map() },
    pinned: new Map(),
  };
}

/**
 * @param kept of a platform
 * @param settings what the user says of it wins, as with the platform itself
 */
export function rulesOfBundle({ bundle, modules }: KeptBundle, settings: CheckSettings): LocalRules {
  const loaded = bundle.modules.map((module) => ({
    ...module,
    local: { wasm: modules.get(module.key) ?? new Uint8Array(), policies: policiesOfBundle(module) },
  }));
  const own = loaded.find(({ role }) => role === 'own');
  const library = loaded.find(({ role }) => role === 'library');
  if (library === undefined) throw new Error('a bundle without a library');
  return {
    bindings: bindingsOfBundle(bundle),
    // As JSON has it: what is not there is no undefined.
    origin: bundle.origin as OriginFacts,
    kubernetesVersion: settings.kubernetesVersion ?? bundle.kubernetes_version ?? undefined,
    failOn: settings.failOn ?? bundle.fail_on,
    ignores: settings.ignores && bundle.ignores,
    library: library.local,
    own: own && { modules: [own.local], broken: new Map(Object.entries(own.broken)) },
    pinned: new Map(loaded.filter(({ role }) => role === 'pinned').map(({ key, local }) => [key, local])),
  };
}

/**
 * @param engineOf of each module; the library's is asked for first
 * @returns the policies, each with what judges by it
 */
export function policiesOf(
  { library, own, pinned }: LocalRules,
  engineOf: (module: LocalModule) => Engine,
): BoundPolicies {
  return new BoundPolicies(
    engineOf(library),
    own && { ...joined(own.modules.map(engineOf)), broken: own.broken },
    new Map([...pinned].map(([key, module]) => [key, engineOf(module)])),
  );
}

/** Who judges by the library alone loads nothing of the compiler. */
async function ownModules({ policyFolders, cacheFolder }: CheckSettings): Promise<LocalModule[]> {
  if (policyFolders.length === 0) return [];
  const [{ ownPolicies }, { ModuleCache }] = await Promise.all([
    import('./own-policies.js'),
    import('./module-cache.js'),
  ]);
  return ownPolicies(policyFolders, cacheFolder === undefined ? undefined : new ModuleCache(cacheFolder));
}

/**
 * Here nobody has said how strictly: what is at or over the threshold is denied, so that an error of its check counts as
 * one (API.md), and the rest is warned of.
 */
function bindingsOf(items: readonly LocalItem[], failOn: Severity): EffectiveBinding[] {
  const numbered = items.map((item, index) => ({ ...item, checkId: index + 1 }));
  const isDenied = ({ severity }: LocalItem): boolean => severityRank(severity) >= severityRank(failOn);
  return (['deny', 'warn'] as const).map((enforcement) => ({
    bindingId: enforcement,
    name: `here, ${enforcement}`,
    condition: {},
    enforcement,
    onError: undefined,
    priority: 0,
    activeFrom: new Date(0),
    looks: true,
    items: numbered.filter((item) => isDenied(item) === (enforcement === 'deny')),
  }));
}
