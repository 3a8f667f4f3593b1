import { canonicalJson, isJsonObject } from '#kernel';
import { gvkOf, kindMatches } from '#kube';
import { judgeSample, type EvaluateNow, type Sample } from './fixture-judge.js';
import type { Fixture } from './fixtures.js';
import { claimedKinds, kindLabel, type CatalogueKind } from './kind-catalogue.js';
import { mergeParameters } from './parameters.js';
import type { ContainerList, PolicyInfo } from './policy.js';
import { liesIn, transplantContainer, transplantKind } from './transplant.js';
import type { PolicyVerdict } from './verdict.js';

/** One thing that a policy claims to judge, and whether it can fail there. */
export interface ProofSlot {
  /** Absent in a slot of a parameter. */
  kind?: string;
  list?: ContainerList;
  parameter?: string;
  status: 'fires' | 'never_fires' | 'not_applicable';
  /** The fixture that made it fire, else why it did not. */
  reason: string;
}

/** A passing fixture that does not pass under another kind. */
export interface UnfairVerdict {
  fixture: string;
  kind: string;
  verdict: string;
  reason: string;
}

/** Whether a policy can fail wherever it claims to look, and lets pass what is right. */
export interface PolicyProof {
  policy: string;
  alive: boolean;
  slots: ProofSlot[];
  unfair: UnfairVerdict[];
}

/**
 * Proves a policy alive (LIBRARY.md, last section): a failing fixture's offending part is transplanted into each kind
 * and container list that the policy claims and must still fail there; each parameter must be able to turn a verdict;
 * each passing fixture must pass under every kind.
 * @param evaluate on a module that holds the policy
 * @param fixtures of the policy
 */
export function provePolicy(evaluate: EvaluateNow, policy: PolicyInfo, fixtures: readonly Fixture[]): PolicyProof {
  const prover = new Prover(evaluate, policy, fixtures);
  const slots = [...prover.kindSlots(), ...prover.parameterSlots()];
  const unfair = prover.unfairVerdicts();
  const alive = unfair.length === 0 && slots.every(({ status }) => status !== 'never_fires');
  return { policy: policy.slug, alive, slots, unfair };
}

/**
 * @param slot of a proof
 * @returns the slot in one line, as it is kept in the list of what is not applicable
 */
export function describeSlot({ kind, list, parameter, reason }: ProofSlot): string {
  const place = [kind, list, parameter].filter((part) => part !== undefined).join(' × ');
  return `${place}: ${reason}`;
}

type Attempt = { verdict: PolicyVerdict; fixture: Fixture } | { refused: string; fixture: Fixture };

class Prover {
  private readonly failing: readonly Fixture[];
  private readonly kinds: readonly CatalogueKind[];

  constructor(
    private readonly evaluate: EvaluateNow,
    private readonly policy: PolicyInfo,
    private readonly fixtures: readonly Fixture[],
  ) {
    this.failing = fixtures.filter(({ kind }) => kind === 'fail');
    const claimed = policy.metadata.kinds.flatMap(claimedKinds);
    this.kinds = [...new Map(claimed.map((kind) => [canonicalJson(kind), kind])).values()];
  }

  kindSlots(): ProofSlot[] {
    const lists = this.policy.metadata.container_lists;
    if (lists.length === 0) return this.kinds.map((kind) => this.kindSlot(kind));
    return this.kinds.flatMap((kind) => lists.map((list) => this.listSlot(kind, list)));
  }

  private kindSlot(kind: CatalogueKind): ProofSlot {
    const attempts = this.failing.map((fixture) => this.attempt(fixture, carried(fixture, kind)));
    return { kind: kindLabel(kind), ...concluded(attempts, () => true) };
  }

  private listSlot(kind: CatalogueKind, list: ContainerList): ProofSlot {
    const slot = { kind: kindLabel(kind), list };
    if (list === 'ephemeralContainers' && kind.kind !== 'Pod') {
      return { ...slot, status: 'not_applicable', reason: 'only Pods have ephemeral containers' };
    }
    const attempts = this.failing.flatMap((fixture) => this.containerAttempts(fixture, kind, list));
    return { ...slot, ...concluded(attempts, (verdict) => verdict.findings.some((finding) => liesIn(finding, list))) };
  }

  /** The container moves first, so that an ephemeral one is not lost on the way to a kind without them. */
  private containerAttempts(fixture: Fixture, kind: CatalogueKind, list: ContainerList): Attempt[] {
    const judged = judgeSample(this.evaluate, this.policy, fixture);
    if ('refused' in judged) return [];
    const offending = judged.verdict.findings.filter(({ container }) => container !== undefined);
    return offending.flatMap((finding) => {
      const moved = transplantContainer(fixture, finding, list);
      return moved === undefined ? [] : [this.attempt(fixture, transplantKind(moved, kind))];
    });
  }

  private attempt(fixture: Fixture, sample: Sample): Attempt {
    const judged = judgeSample(this.evaluate, this.policy, sample);
    if (!('refused' in judged)) return { verdict: judged.verdict, fixture };
    return { refused: judged.refused.map(({ path, message }) => `${path} ${message}`).join('; '), fixture };
  }

  parameterSlots(): ProofSlot[] {
    const { properties } = this.policy.metadata.parameters;
    return isJsonObject(properties) ? Object.keys(properties).map((name) => this.parameterSlot(name)) : [];
  }

  /** A parameter turns a verdict where the same object gets another with its default. */
  private parameterSlot(parameter: string): ProofSlot {
    for (const fixture of this.fixtures) {
      if (fixture.kind === 'invalid' || !Object.hasOwn(fixture.parameters, parameter)) continue;
      const { [parameter]: _given, ...others } = fixture.parameters;
      const parameters = mergeParameters(this.policy.metadata.parameters, others);
      if (this.outcome(fixture) !== this.outcome({ ...fixture, parameters })) {
        return { parameter, status: 'fires', reason: fixture.file };
      }
    }
    return { parameter, status: 'never_fires', reason: 'no fixture gets another verdict by it' };
  }

  private outcome(sample: Sample): string {
    const judged = judgeSample(this.evaluate, this.policy, sample);
    if ('refused' in judged) return canonicalJson(judged.refused);
    const { verdict, findings } = judged.verdict;
    return canonicalJson([verdict, findings.map(({ path, container }) => [path, container ?? null])]);
  }

  unfairVerdicts(): UnfairVerdict[] {
    const passing = this.fixtures.filter(({ kind }) => kind === 'pass');
    return passing.flatMap((fixture) =>
      this.comparableKinds(fixture).flatMap((kind): UnfairVerdict[] => {
        const attempt = this.attempt(fixture, transplantKind(fixture, kind));
        const label = { fixture: fixture.file, kind: kindLabel(kind) };
        if ('refused' in attempt) return [{ ...label, verdict: 'refused', reason: attempt.refused }];
        const { verdict } = attempt.verdict;
        if (verdict === 'pass' || verdict === 'not_applicable') return [];
        return [{ ...label, verdict, reason: reasonOf(attempt.verdict) }];
      }),
    );
  }

  /**
   * The kinds under which a passing fixture has to pass. What makes a pod pass is not carried over to a kind that holds
   * none, nor back: those that the policy names one by one are judged by fields of their own. Where one declaration, such
   * as `*`, claims both, the policy judges what they have in common.
   */
  private comparableKinds(fixture: Fixture): CatalogueKind[] {
    const { object } = fixture;
    const holdsPod = kindMatches('@pod-spec', gvkOf(object) ?? { group: '', kind: '' }, object);
    const claimsBoth = this.policy.metadata.kinds.some((declared) => {
      const claimed = claimedKinds(declared);
      return claimed.some(hasTemplate) && !claimed.every(hasTemplate);
    });
    return this.kinds.filter((kind) => claimsBoth || hasTemplate(kind) === holdsPod);
  }
}

function hasTemplate({ template }: CatalogueKind): boolean {
  return template !== undefined;
}

/**
 * Where what offends is the API version itself, it can't be moved to another: the fixture stands for its kind as it is,
 * since a policy's `kinds` name no versions.
 */
function carried(fixture: Fixture, kind: CatalogueKind): Sample {
  const own = gvkOf(fixture.object);
  const offends = fixture.findings.some(({ path }) => path === 'apiVersion');
  if (offends && own?.group === kind.group && own.kind === kind.kind) return fixture;
  return transplantKind(fixture, kind);
}

function concluded(
  attempts: readonly Attempt[],
  counts: (verdict: PolicyVerdict) => boolean,
): Pick<ProofSlot, 'status' | 'reason'> {
  if (attempts.length === 0) return { status: 'never_fires', reason: 'no failing fixture can be transplanted there' };
  const judged = attempts.flatMap((attempt) => ('verdict' in attempt ? [attempt] : []));
  const firing = judged.find(({ verdict }) => verdict.verdict === 'fail' && counts(verdict));
  if (firing !== undefined) return { status: 'fires', reason: firing.fixture.file };
  const excused = judged.filter(({ verdict }) => verdict.verdict === 'not_applicable');
  if (judged.length > 0 && excused.length === judged.length) {
    return { status: 'not_applicable', reason: excused[0]?.verdict.reason ?? 'the policy says so' };
  }
  const reasons = attempts.map((attempt) =>
    'refused' in attempt ? attempt.refused : `${attempt.fixture.file}: ${reasonOf(attempt.verdict)}`,
  );
  return { status: 'never_fires', reason: reasons.slice(0, 3).join(' | ') };
}

function reasonOf({ verdict, reason, findings }: PolicyVerdict): string {
  return reason ?? (findings.map(({ path, message }) => `${path}: ${message}`).join('; ') || verdict);
}
