import { publicId, systemClock, uuidV7 } from '#kernel';
import type { ValidationResult } from '#contracts';
import { BoundChecks } from '#decision';
import type { ResultFormat } from '#formats';
import {
  type Baseline,
  type BoundPolicies,
  KnownObjects,
  type Posted,
  validatePosted,
  type ValidationWorld,
} from '#judging';
import { counting, inThisThread, inThreads, type LocalEngines } from './local-engines.js';
import { type LocalRules, policiesOf } from './local-rules.js';
import { Progress } from './progress.js';
import type { CheckSettings } from './settings.js';

/** Formats that show how a violation is fixed. */
const SHOWS_FIXES: readonly ResultFormat[] = ['json', 'markdown'];

/** Who hears of each object that the library has judged. */
interface Told {
  judged: () => void;
}

/** What is judged by, made ready once for as many looks as there are. */
export class LocalJudge {
  private readonly contexts = new WeakMap<Posted, ValidationWorld['context']>();

  private constructor(
    private readonly rules: LocalRules,
    private readonly policies: BoundPolicies,
    private readonly engines: LocalEngines,
    private readonly told: Told,
    private readonly quiet: boolean,
  ) {}

  /**
   * @param rules what is judged by
   * @param settings what is shown
   * @param threads whether there is enough to judge for threads of its own
   */
  static prepare(rules: LocalRules, { fix, outputs, quiet }: CheckSettings, threads: boolean): LocalJudge {
    const wantsFixes = fix || outputs.some(({ format }) => SHOWS_FIXES.includes(format));
    const engines = (threads ? inThreads : inThisThread)(wantsFixes);
    const told: Told = { judged: () => undefined };
    const policies = policiesOf(rules, (module) => {
      const engine = engines.engineOf(module);
      return module === rules.library ? counting(engine, () => told.judged()) : engine;
    });
    return new LocalJudge(rules, policies, engines, told, quiet);
  }

  /**
   * @param posted what is judged together: each object is the world beside the others
   * @param baseline what was there before
   * @param chosen of the objects, of which nothing but violations is answered; all unless given
   */
  async judge(posted: Posted, baseline: Baseline | undefined, chosen?: Posted['objects']): Promise<ValidationResult> {
    const { bindings, origin, failOn, ignores } = this.rules;
    const context = this.contextOf(posted);
    const world = { bindings, origin, context, failOn, ignores, ...(baseline !== undefined && { baseline }) };
    const progress = new Progress('objects judged', posted.objects.length, !this.quiet && chosen === undefined);
    this.told.judged = () => progress.step();
    const result = await validatePosted(chosen === undefined ? posted : { documents: [], objects: chosen }, world);
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
      checks: new BoundChecks(this.rules.bindings, this.rules.origin),
      policies: this.policies,
      kubernetesVersion: this.rules.kubernetesVersion,
      namespaceObject: (name) => namespaces.get(name),
      related: new KnownObjects('posted', subjects),
    };
  }
}
