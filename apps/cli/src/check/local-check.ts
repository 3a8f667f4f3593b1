import { publicId, type Severity, severityRank, systemClock, uuidV7 } from '#kernel';
import type { ValidationResult } from '#contracts';
import { BoundChecks, type EffectiveBinding } from '#decision';
import { loadStockLibrary } from '#engine';
import type { ResultFormat } from '#formats';
import { BoundPolicies, KnownObjects, type Posted, validatePosted, type ValidationWorld } from '#judging';
import { counting, inThisThread, inThreads, joined, type LocalEngines, type LocalModule } from './local-engines.js';
import { itemOf, itemsOfSets, type LocalItem, refuseStrayParameters } from './local-library.js';
import { Progress } from './progress.js';
import type { CheckSettings } from './settings.js';

/** Violations from here on fail, unless somebody says otherwise (F5). */
const FAIL_ON: Severity = 'low';

/** Formats that show how a violation is fixed. */
const SHOWS_FIXES: readonly ResultFormat[] = ['json', 'markdown'];

/** Who hears of each object that the library has judged. */
interface Told {
  judged: () => void;
}

/** What the settings judge by, made ready once for as many looks as there are. */
export class LocalJudge {
  private readonly contexts = new WeakMap<Posted, ValidationWorld['context']>();

  private constructor(
    private readonly settings: CheckSettings,
    private readonly engines: LocalEngines,
    private readonly rules: { policies: BoundPolicies; told: Told },
    private readonly bindings: readonly EffectiveBinding[],
  ) {}

  /**
   * @param settings what is judged by
   * @param threads whether there is enough to judge for threads of its own
   * @throws CliError 2 where a set, a folder or parameters are not as they should be
   */
  static async prepare(settings: CheckSettings, threads: boolean): Promise<LocalJudge> {
    const [{ manifest, wasm }, own] = await Promise.all([loadStockLibrary(), ownModules(settings)]);
    const wantsFixes = settings.fix || settings.outputs.some(({ format }) => SHOWS_FIXES.includes(format));
    const engines = (threads ? inThreads : inThisThread)(wantsFixes);
    const ownPolicies = own.flatMap(({ policies }) => policies);
    const items = [
      ...itemsOfSets(manifest, settings, new Set(ownPolicies.map(({ slug }) => slug))),
      ...ownPolicies.map((policy) =>
        itemOf(policy, 'custom', { instance: '', parameters: settings.parameters[policy.slug] ?? {} }),
      ),
    ];
    const told: Told = { judged: () => undefined };
    refuseStrayParameters(Object.keys(settings.parameters), items);
    const policies = new BoundPolicies(
      counting(engines.engineOf({ wasm, policies: manifest.policies }), () => told.judged()),
      own.length === 0 ? undefined : { ...joined(own.map((one) => engines.engineOf(one))), broken: new Map() },
      new Map(),
    );
    return new LocalJudge(settings, engines, { policies, told }, bindingsOf(items, settings.failOn ?? FAIL_ON));
  }

  /**
   * @param posted what is judged together: each object is the world beside the others
   * @param baseline fingerprints of what was there before
   * @param chosen of the objects; all unless given
   */
  async judge(
    posted: Posted,
    baseline: ReadonlySet<string> | undefined,
    chosen = posted.objects,
  ): Promise<ValidationResult> {
    const world: ValidationWorld = {
      bindings: this.bindings,
      origin: { cluster: {} },
      context: this.contextOf(posted),
      failOn: this.settings.failOn ?? FAIL_ON,
      ignores: this.settings.ignores,
      ...(baseline !== undefined && { baseline }),
    };
    const progress = new Progress('objects judged', chosen.length, !this.settings.quiet);
    this.rules.told.judged = () => progress.step();
    const result = await validatePosted({ documents: posted.documents, objects: chosen }, world);
    progress.end();
    return { id: publicId('validation', uuidV7(systemClock.now())), ...result };
  }

  async close(): Promise<void> {
    await this.engines.close();
  }

  private contextOf(posted: Posted): ValidationWorld['context'] {
    const context = this.contexts.get(posted) ?? this.worldOf(posted);
    this.contexts.set(posted, context);
    return context;
  }

  private worldOf({ objects }: Posted): ValidationWorld['context'] {
    const subjects = objects.map(({ subject }) => subject);
    const namespaces = new Map(
      subjects.flatMap(({ identity, object }) =>
        identity.kind === 'Namespace' && identity.group === '' ? [[identity.name, object] as const] : [],
      ),
    );
    return {
      checks: new BoundChecks(this.bindings, { cluster: {} }),
      policies: this.rules.policies,
      kubernetesVersion: this.settings.kubernetesVersion,
      namespaceObject: (name) => namespaces.get(name),
      related: new KnownObjects('posted', subjects),
    };
  }
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
