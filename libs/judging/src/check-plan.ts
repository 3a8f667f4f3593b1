import type { JsonObject } from '#kernel';
import type { EffectiveCheck } from '#decision';
import type { EvaluationRequest, FixTrial, PolicyInfo, PolicyMetadata, PolicyVerdict } from '#engine';
import { selectOf } from './related-select.rules.js';

/** A module with whatever it runs in. */
export interface Engine {
  /** By slug. */
  policies: ReadonlyMap<string, PolicyInfo>;
  /**
   * Judges one object by the policies that are keys of the request's `params`.
   * @returns one verdict a policy, its fixes tried
   */
  evaluate(request: EvaluationRequest, fixes: FixTrial): PolicyVerdict[] | Promise<PolicyVerdict[]>;
}

/** What is known of a check's policy, before any object is looked at. */
export interface PlannedCheck {
  check: EffectiveCheck;
  /** What the policy says of itself; undefined where no module has it. */
  metadata: PolicyMetadata | undefined;
  /** Under which its related objects are gathered; undefined where it looks at none. */
  looksFor: string | undefined;
}

/** One call of an engine: no policy is in it twice. */
export interface PlannedCall {
  engine: Engine;
  checks: readonly PlannedCheck[];
  params: Record<string, JsonObject>;
}

/** How a list of checks is judged: worked out once for all objects that have the same. */
export interface CheckPlan {
  checks: readonly PlannedCheck[];
  calls: readonly PlannedCall[];
  /** Checks that can't be run, with the reason. */
  refused: ReadonlyMap<EffectiveCheck, string>;
}

/** Where a check's policy is found. */
export interface PolicySource {
  metadata(check: EffectiveCheck): PolicyMetadata | undefined;
  engineOf(check: EffectiveCheck): Engine | undefined;
  /** Why a policy can't be run at all. */
  refusal(check: EffectiveCheck): string | undefined;
}

/**
 * Puts checks into as few calls as there are instances of the policy that has most, and modules.
 * @param checks of one object
 * @param source of their policies
 */
export function planOf(checks: readonly EffectiveCheck[], source: PolicySource): CheckPlan {
  const planned = checks.map((check): PlannedCheck => {
    const metadata = source.metadata(check);
    const looks = metadata !== undefined && metadata.related.length > 0;
    // Two versions of a policy, one of them pinned, may look at different objects.
    return { check, metadata, looksFor: looks ? `${check.slug}@${check.version}` : undefined };
  });
  const refused = new Map<EffectiveCheck, string>();
  const runnable = planned.flatMap((one): Runnable[] => {
    const engine = source.engineOf(one.check);
    const reason = source.refusal(one.check) ?? (engine === undefined ? 'no module has it' : undefined);
    if (reason !== undefined) refused.set(one.check, reason);
    return reason === undefined && engine !== undefined ? [{ ...one, engine }] : [];
  });
  return { checks: planned, calls: layersOf(runnable).flatMap(callsOf), refused };
}

interface Runnable extends PlannedCheck {
  engine: Engine;
}

function layersOf(checks: readonly Runnable[]): Runnable[][] {
  const layers: Runnable[][] = [];
  const alone: Runnable[][] = [];
  const seen = new Map<string, number>();
  for (const one of checks) {
    // A call by itself: two inventories are more than one evaluation bears.
    if (one.metadata?.related.some((declaration) => selectOf(declaration)?.by === 'inventory') === true) {
      alone.push([one]);
      continue;
    }
    const { slug } = one.check;
    const depth = seen.get(slug) ?? 0;
    seen.set(slug, depth + 1);
    (layers[depth] ??= []).push(one);
  }
  return [...layers, ...alone];
}

function callsOf(layer: readonly Runnable[]): PlannedCall[] {
  const byEngine = new Map<Engine, Runnable[]>();
  for (const one of layer) byEngine.set(one.engine, [...(byEngine.get(one.engine) ?? []), one]);
  return [...byEngine].map(([engine, checks]) => ({
    engine,
    checks,
    params: Object.fromEntries(checks.map(({ check }) => [check.slug, check.parameters])),
  }));
}
