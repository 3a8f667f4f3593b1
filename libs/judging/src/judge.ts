import type { JsonObject } from '#kernel';
import type { BoundChecks, EffectiveCheck } from '#decision';
import { errorVerdict, type EvaluationRequest, type FixTrial, type PolicyVerdict, type Review } from '#engine';
import { generateNameOf, type GroupVersionKind, gvkOf, labelsOf, type ObjectIdentity } from '#kube';
import type { BoundPolicies } from './bound-policies.js';
import type { PlannedCall, PlannedCheck } from './check-plan.js';
import type { RelatedSource } from './known-objects.js';
import { heldToNeeds } from './related-need.rules.js';
import { resolveRelated } from './related.rules.js';
import { type Settling, settlingOf } from './settling.rules.js';

/** One object to be judged. */
export interface JudgedObject {
  identity: ObjectIdentity;
  /** Normalised (V3). */
  object: JsonObject;
  /** The file it was posted in. */
  path?: string | undefined;
  /** The API version in which it was last written, where the cluster says so: it shows an object in any that it serves. */
  writtenAs?: string | undefined;
  /** When it was made, where the cluster said so, and what time it is: in the audit alone. */
  age?: { createdAt: Date; now: Date };
}

/** What surrounds the objects: the same in CI and in the audit, so that the verdicts are too (V2). */
export interface JudgeContext {
  checks: BoundChecks;
  kubernetesVersion: string | undefined;
  /** The Namespace object, where it is known. */
  namespaceObject(namespace: string): JsonObject | undefined;
  related: RelatedSource;
  /** The modules of the bindings' policies. */
  policies: BoundPolicies;
}

/** An object with the checks that apply to it and what its verdicts depend on, not judged yet. */
export interface Case {
  subject: JudgedObject;
  /** The same list for all objects that bindings say the same of. */
  checks: readonly EffectiveCheck[];
  namespaceLabels: Record<string, string> | undefined;
  related: Record<string, Record<string, JsonObject[]>>;
  /** It is too young for some of its checks. */
  settling: Settling | undefined;
}

export interface CheckVerdict {
  check: EffectiveCheck;
  verdict: PolicyVerdict;
}

/**
 * Says which checks apply to an object, and gathers what their verdicts depend on.
 * @param subject the object
 * @param context what surrounds it
 */
export function prepareCase(subject: JudgedObject, context: JudgeContext): Case {
  const { identity, object } = subject;
  const namespace = context.namespaceObject(identity.namespace);
  const namespaceLabels = namespace === undefined ? undefined : labelsOf(namespace);
  const checks = context.checks.of(
    {
      gvk: kindOf(subject),
      namespace: identity.namespace,
      name: identity.name,
      labels: labelsOf(object),
      ...generateNameOf(object),
      ...(namespaceLabels && { namespaceLabels }),
      ...(subject.path !== undefined && { path: subject.path }),
    },
    object,
  );
  const plan = context.policies.plan(checks);
  const related: Case['related'] = {};
  for (const { looksFor, metadata } of plan.checks) {
    if (looksFor === undefined || metadata === undefined || Object.hasOwn(related, looksFor)) continue;
    related[looksFor] = resolveRelated(metadata, subject, context.related);
  }
  const { age } = subject;
  const policies = age === undefined ? [] : plan.checks.map(({ metadata }) => metadata);
  return { subject, checks, namespaceLabels, related, settling: age && settlingOf(age.createdAt, age.now, policies) };
}

/**
 * Judges a case; one path for CI, audit and admission (V2). The object is parsed once for all policies, further instances of
 * a policy are further calls (E3); fixes are tried before they are shown.
 * @param prepared by `prepareCase`
 * @param context what surrounds it
 * @param fixes `whole`: what settles a failing check at once is tried too, as one patch
 * @returns one verdict a check, in the order of the checks
 */
export async function judgeCase(
  prepared: Case,
  context: JudgeContext,
  fixes: FixTrial = 'each',
): Promise<CheckVerdict[]> {
  const { calls, refused } = context.policies.plan(prepared.checks);
  const verdicts = new Map<EffectiveCheck, PolicyVerdict>();
  for (const [check, reason] of refused) verdicts.set(check, errorVerdict(check.slug, reason));
  const about = surroundingsOf(prepared, context);
  const carryOut = async ({ engine, checks, params }: PlannedCall): Promise<void> => {
    const answered = await engine.evaluate({ ...about, params, related: relatedOf(checks, prepared) }, fixes);
    const bySlug = new Map(answered.map((verdict) => [verdict.policy, verdict]));
    for (const { check, metadata, looksFor } of checks) {
      const verdict = bySlug.get(check.slug) ?? errorVerdict(check.slug, 'the engine gave no answer');
      const related = looksFor === undefined ? undefined : prepared.related[looksFor];
      verdicts.set(check, heldToNeeds(verdict, metadata, related, context.related.known));
    }
  };
  await Promise.all(calls.map(carryOut));
  return prepared.checks.map((check) => ({
    check,
    verdict: verdicts.get(check) ?? errorVerdict(check.slug, 'not judged'),
  }));
}

/** What all calls about an object are told. */
function surroundingsOf(prepared: Case, context: JudgeContext): Pick<EvaluationRequest, 'review' | 'context'> {
  const { subject, settling, namespaceLabels } = prepared;
  const { identity, object } = subject;
  const namespaceObject = context.namespaceObject(identity.namespace);
  const review: Review = {
    kind: kindOf(subject),
    name: identity.name,
    ...(identity.namespace === '' ? {} : { namespace: identity.namespace }),
    object,
    ...(namespaceObject && { namespaceObject }),
  };
  const evaluationContext: JsonObject = {};
  if (context.kubernetesVersion !== undefined) evaluationContext['kubernetes_version'] = context.kubernetesVersion;
  if (subject.writtenAs !== undefined) evaluationContext['written_as'] = subject.writtenAs;
  if (settling !== undefined) {
    evaluationContext['creation_timestamp'] = settling.createdAt.toISOString();
    evaluationContext['now'] = settling.now.toISOString();
  }
  if (namespaceLabels !== undefined) evaluationContext['namespace_labels'] = namespaceLabels;
  return { review, context: evaluationContext };
}

function kindOf({ identity, object }: JudgedObject): GroupVersionKind {
  return gvkOf(object) ?? { group: identity.group, version: '', kind: identity.kind };
}

/** By policy, for those that look beside the object. */
function relatedOf(checks: readonly PlannedCheck[], { related }: Case): NonNullable<EvaluationRequest['related']> {
  const found: NonNullable<EvaluationRequest['related']> = {};
  for (const { check, looksFor } of checks) {
    const own = looksFor === undefined ? undefined : related[looksFor];
    if (own !== undefined) found[check.slug] = own;
  }
  return found;
}
