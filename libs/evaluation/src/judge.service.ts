import { Injectable } from '@nestjs/common';
import type { JsonObject } from '#kernel';
import { type EffectiveBinding, type EffectiveCheck, effectiveChecks, type OriginFacts } from '#decision';
import {
  applyPatch,
  errorVerdict,
  type EvaluationRequest,
  type FixOperation,
  joinFixes,
  PatchError,
  type PolicyVerdict,
  type Review,
  verifyFixes,
} from '#engine';
import { generateNameOf, gvkOf, labelsOf, type ObjectIdentity } from '#kube';
import { BuiltInLibrary } from '#policies';
import type { BoundPolicies } from './bound-policies.js';
import type { RelatedSource } from './known-objects.js';
import { heldToNeeds } from './related-need.rules.js';
import { resolveRelated } from './related.rules.js';
import { selectOf } from './related-select.rules.js';
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
  bindings: readonly EffectiveBinding[];
  origin: OriginFacts;
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
  checks: EffectiveCheck[];
  namespaceLabels: Record<string, string> | undefined;
  related: Record<string, Record<string, JsonObject[]>>;
  /** It is too young for some of its checks. */
  settling: Settling | undefined;
}

export interface CheckVerdict {
  check: EffectiveCheck;
  verdict: PolicyVerdict;
}

/** Judges objects by the checks that apply to them; one path for CI, audit and admission (V2). */
@Injectable()
export class Judge {
  constructor(private readonly library: BuiltInLibrary) {}

  /** What the module and its host are, as one digest: a part of every memo. */
  get engineDigest(): string {
    return this.library.digest;
  }

  /**
   * Says which checks apply to an object, and gathers what their verdicts depend on.
   * @param subject the object
   * @param context what surrounds it
   */
  prepare(subject: JudgedObject, context: JudgeContext): Case {
    const { identity, object } = subject;
    const gvk = gvkOf(object) ?? { group: identity.group, version: '', kind: identity.kind };
    const namespace = context.namespaceObject(identity.namespace);
    const namespaceLabels = namespace === undefined ? undefined : labelsOf(namespace);
    const checks = effectiveChecks(
      context.bindings,
      context.origin,
      {
        gvk,
        namespace: identity.namespace,
        name: identity.name,
        labels: labelsOf(object),
        ...generateNameOf(object),
        ...(namespaceLabels && { namespaceLabels }),
        ...(subject.path !== undefined && { path: subject.path }),
      },
      object,
    );
    const related: Case['related'] = {};
    for (const check of checks) {
      const key = relatedKey(check);
      const metadata = context.policies.metadata(check);
      if (metadata === undefined || metadata.related.length === 0 || Object.hasOwn(related, key)) continue;
      related[key] = resolveRelated(metadata, subject, context.related);
    }
    const policies = subject.age === undefined ? [] : checks.map((check) => context.policies.metadata(check));
    const settling = subject.age && settlingOf(subject.age.createdAt, subject.age.now, policies);
    return { subject, checks, namespaceLabels, related, settling };
  }

  /**
   * Judges a case: the object is parsed once for all policies, further instances of a policy are further calls (E3);
   * fixes are tried before they are shown.
   * @param prepared by `prepare`
   * @param context what surrounds it
   * @returns one verdict a check, in the order of the checks
   */
  async judge(prepared: Case, context: JudgeContext): Promise<CheckVerdict[]> {
    const verdicts = new Map<EffectiveCheck, PolicyVerdict>();
    const { policies } = context;
    const runnable = prepared.checks.filter((check) => {
      const reason = policies.refusal(check);
      if (reason !== undefined) verdicts.set(check, errorVerdict(check.slug, reason));
      return reason === undefined;
    });
    const looksEverywhere = (check: EffectiveCheck): boolean =>
      policies.metadata(check)?.related.some((one) => selectOf(one)?.by === 'inventory') === true;
    for (const layer of layersOf(runnable, looksEverywhere)) {
      const request = this.request(prepared, layer, context);
      const answered = await policies.evaluate(layer, request);
      const verified = await verifyFixes((again) => policies.evaluate(layer, again), request, answered);
      const bySlug = new Map(verified.map((verdict) => [verdict.policy, verdict]));
      for (const check of layer) {
        const verdict = bySlug.get(check.slug) ?? errorVerdict(check.slug, 'the engine gave no answer');
        const { [relatedKey(check)]: related } = prepared.related;
        verdicts.set(check, heldToNeeds(verdict, policies.metadata(check), related, context.related.known));
      }
    }
    return prepared.checks.map((check) => ({
      check,
      verdict: verdicts.get(check) ?? errorVerdict(check.slug, 'not judged'),
    }));
  }

  /**
   * The patch that settles a failing check as a whole, where every finding has a fix: tried together, since two fixes that
   * each work may not work one after the other.
   * @param prepared the case
   * @param failed one of its verdicts, its fixes verified one by one
   * @param context what surrounds it
   * @returns RFC 6902 operations after which the check passes, or undefined
   */
  async jointFix(prepared: Case, failed: CheckVerdict, context: JudgeContext): Promise<FixOperation[] | undefined> {
    const fixes = failed.verdict.findings.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
    if (fixes.length === 0 || fixes.length < failed.verdict.findings.length) return undefined;
    const patch = joinFixes(fixes);
    if (fixes.length === 1) return patch;
    try {
      const object = applyPatch(prepared.subject.object, patch);
      const request = this.request({ ...prepared, subject: { ...prepared.subject, object } }, [failed.check], context);
      const [again] = await context.policies.evaluate([failed.check], request);
      return again?.verdict === 'pass' ? patch : undefined;
    } catch (error) {
      if (error instanceof PatchError) return undefined;
      throw error;
    }
  }

  private request(prepared: Case, checks: readonly EffectiveCheck[], context: JudgeContext): EvaluationRequest {
    const { identity, object } = prepared.subject;
    const gvk = gvkOf(object) ?? { group: identity.group, version: '', kind: identity.kind };
    const namespaceObject = context.namespaceObject(identity.namespace);
    const review: Review = {
      kind: gvk,
      name: identity.name,
      ...(identity.namespace === '' ? {} : { namespace: identity.namespace }),
      object,
      ...(namespaceObject && { namespaceObject }),
    };
    const evaluationContext: JsonObject = {};
    if (context.kubernetesVersion !== undefined) evaluationContext['kubernetes_version'] = context.kubernetesVersion;
    if (prepared.subject.writtenAs !== undefined) evaluationContext['written_as'] = prepared.subject.writtenAs;
    if (prepared.settling !== undefined) {
      evaluationContext['creation_timestamp'] = prepared.settling.createdAt.toISOString();
      evaluationContext['now'] = prepared.settling.now.toISOString();
    }
    if (prepared.namespaceLabels !== undefined) evaluationContext['namespace_labels'] = prepared.namespaceLabels;
    return {
      review,
      params: Object.fromEntries(checks.map(({ slug, parameters }) => [slug, parameters])),
      related: Object.fromEntries(
        checks.flatMap((check) => {
          const found = prepared.related[relatedKey(check)];
          return found === undefined ? [] : [[check.slug, found]];
        }),
      ),
      context: evaluationContext,
    };
  }
}

/** Two versions of a policy, one of them pinned, may look at different objects. */
function relatedKey({ slug, version }: EffectiveCheck): string {
  return `${slug}@${version}`;
}

/**
 * Checks in as few calls as there are instances of the policy that has most.
 * @param apart which of them is a call by itself: two inventories are more than one evaluation bears
 */
function layersOf(checks: readonly EffectiveCheck[], apart: (check: EffectiveCheck) => boolean): EffectiveCheck[][] {
  const layers: EffectiveCheck[][] = [];
  const alone: EffectiveCheck[][] = [];
  const seen = new Map<string, number>();
  for (const check of checks) {
    if (apart(check)) {
      alone.push([check]);
      continue;
    }
    const depth = seen.get(check.slug) ?? 0;
    seen.set(check.slug, depth + 1);
    (layers[depth] ??= []).push(check);
  }
  return [...layers, ...alone];
}
