import pLimit from 'p-limit';
import type { Severity } from '#kernel';
import type { ValidationResult, ValidationViolation } from '#contracts';
import { decide, type DecidingVerdict, type EffectiveBinding, notConsidered, type OriginFacts } from '#decision';
import { judgeCase, type JudgeContext, prepareCase } from './judge.js';
import type { Posted, PostedObject } from './posted-documents.js';
import { type JudgedDocument, summaryOf, unresolvedOf, violationsOf } from './validation-result.rules.js';

/** What posted objects are judged by, and beside. */
export interface ValidationWorld {
  bindings: readonly EffectiveBinding[];
  origin: OriginFacts;
  context: JudgeContext;
  failOn: Severity;
  /** Fingerprints, in hexadecimal, of violations that were there before and do not count; undefined: nothing is compared. */
  baseline?: ReadonlySet<string>;
}

/** Objects of one validation that wait for the engine together: enough for its workers, few enough to let others in between. */
const AT_ONCE = 4;

/** An answer that nobody has kept yet. */
export type UnkeptResult = Omit<ValidationResult, 'id'>;

/**
 * Judges what was posted: the same in the API and in the CLI (V2).
 * @param posted by `readPosted`
 * @param world what it is judged by
 * @returns the answer; a violation is an answer, never an error
 */
export async function validatePosted({ documents, objects }: Posted, world: ValidationWorld): Promise<UnkeptResult> {
  const { bindings, origin, context, failOn } = world;
  const turns = pLimit(AT_ONCE);
  const judged = await Promise.all(objects.map((one) => turns(() => judgeOne(one, context))));
  const violations = judged
    .flatMap((one) => violationsOf(one, (check) => context.policies.metadata(check)?.remediation ?? ''))
    .map((violation) => compared(violation, world.baseline));
  return {
    decision: decide([...violations.flatMap(deciding), ...judged.flatMap(withoutVerdict)], failOn),
    fail_on: failOn,
    not_considered: notConsidered(bindings, origin, unknownNamespaces(objects, context)),
    summary: summaryOf(judged, violations),
    violations,
    unresolved: judged.flatMap(unresolvedOf),
    documents,
  };
}

async function judgeOne(one: PostedObject, context: JudgeContext): Promise<JudgedDocument> {
  const prepared = prepareCase(one.subject, context);
  const verdicts = await judgeCase(prepared, context, 'whole');
  return { document: one.document, path: one.path, prepared, verdicts };
}

function unknownNamespaces(objects: readonly PostedObject[], context: JudgeContext): string[] {
  const namespaces = new Set(objects.map(({ subject }) => subject.identity.namespace));
  return [...namespaces].filter((name) => name !== '' && context.namespaceObject(name) === undefined).sort();
}

function compared(violation: ValidationViolation, baseline: ReadonlySet<string> | undefined): ValidationViolation {
  if (baseline === undefined) return violation;
  return { ...violation, baseline: baseline.has(violation.fingerprint) ? 'existing' : 'new' };
}

/** What was there before never counts (F5). */
function deciding({ baseline, enforcement, severity }: ValidationViolation): DecidingVerdict[] {
  return baseline === 'existing' ? [] : [{ verdict: 'fail', enforcement, severity }];
}

function withoutVerdict({ verdicts }: JudgedDocument): DecidingVerdict[] {
  return verdicts.flatMap(({ check: { enforcement, severity }, verdict: { verdict } }) =>
    verdict === 'error' ? [{ verdict, enforcement, severity }] : [],
  );
}
