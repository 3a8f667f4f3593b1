import pLimit from 'p-limit';
import type { Severity } from '#kernel';
import type { ValidationDocument } from '#contracts';
import { type EffectiveBinding, type EffectiveCheck, notConsidered, type OriginFacts } from '#decision';
import { againstBaseline, type Baseline } from './baseline.rules.js';
import { mapBreathing } from './breathing.js';
import { heldToIgnores, IGNORE_ANNOTATION_PATH, ignoresOf, unheeded } from './ignores.rules.js';
import { judgeCase, type JudgeContext, prepareCase } from './judge.js';
import type { Posted, PostedObject } from './posted-documents.js';
import { within } from './source-text.js';
import { type JudgedDocument, summaryOf, unresolvedOf, violationsOf } from './validation-result.rules.js';
import { decisionOf, type UnkeptResult } from './validation-decision.rules.js';

/** What posted objects are judged by, and beside. */
export interface ValidationWorld {
  bindings: readonly EffectiveBinding[];
  origin: OriginFacts;
  context: JudgeContext;
  failOn: Severity;
  /** What was there before, and does not count; undefined: nothing is compared. */
  baseline?: Baseline;
  /** Whether comments and annotations may ask for policies to be ignored. */
  ignores: boolean;
  /** Whether others want the engine too; nobody does unless given. */
  isShared?: () => boolean;
}

/** Objects of one validation that are judged together: as many as a small machine has cores. */
const AT_ONCE = 2;
/** And beside others, so that they find a core. */
const AT_ONCE_SHARED = 1;

/**
 * Judges what was posted: the same in the API and in the CLI (V2).
 * @param posted by `readPosted`
 * @param world what it is judged by
 * @returns the answer; a violation is an answer, never an error
 */
export async function validatePosted({ documents, objects }: Posted, world: ValidationWorld): Promise<UnkeptResult> {
  const { bindings, origin, context, failOn } = world;
  const turns = pLimit(AT_ONCE);
  const judged = await Promise.all(
    objects.map((one) =>
      turns(() => {
        turns.concurrency = world.isShared?.() === true ? AT_ONCE_SHARED : AT_ONCE;
        return judgeOne(one, context);
      }),
    ),
  );
  const remediation = (check: EffectiveCheck): string => context.policies.metadata(check)?.remediation ?? '';
  const found = await mapBreathing(judged, (one) => {
    const ignores = world.ignores ? ignoresOf(one.subject.object, one.comments) : undefined;
    const lineOf = (path: string): number | undefined =>
      one.document.positions === undefined ? undefined : one.document.locate(path).line;
    return violationsOf(one, remediation).map((violation) =>
      ignores === undefined ? violation : heldToIgnores(violation, ignores, lineOf),
    );
  });
  const violations = found.flat();
  const unresolved = judged.flatMap(unresolvedOf);
  const result: UnkeptResult = {
    decision: decisionOf(violations, unresolved, failOn),
    fail_on: failOn,
    not_considered: notConsidered(bindings, origin, unknownNamespaces(objects, context)),
    summary: summaryOf(judged, violations),
    violations,
    unresolved,
    documents: withUnheeded(documents, objects, world),
  };
  const { baseline } = world;
  return baseline === undefined ? result : againstBaseline(result, baseline);
}

async function judgeOne(one: PostedObject, context: JudgeContext): Promise<JudgedDocument> {
  const prepared = prepareCase(one.subject, context);
  const verdicts = await judgeCase(prepared, context, 'whole');
  return { ...one, prepared, verdicts };
}

/** What is not followed is told: annotations with their object, comments with the first object of their file. */
function withUnheeded(
  documents: readonly ValidationDocument[],
  objects: readonly PostedObject[],
  { bindings, ignores }: ValidationWorld,
): ValidationDocument[] {
  const known = new Set(bindings.flatMap(({ items }) => items.map(({ slug }) => slug)));
  const heeded = { allowed: ignores, isKnown: (slug: string): boolean => known.has(slug) };
  const told = new Set<PostedObject['comments']>();
  let next = 0;
  return documents.map((document) => {
    const object = document.status === 'ok' ? objects[next++] : undefined;
    if (object === undefined) return document;
    const comments = told.has(object.comments) ? [] : object.comments;
    told.add(object.comments);
    const { annotation } = ignoresOf(object.subject.object, []);
    const placed = annotation && { ...annotation, ...object.document.locate(IGNORE_ANNOTATION_PATH) };
    const warnings = [
      ...unheeded(comments, 'comment', heeded),
      ...unheeded(placed === undefined ? [] : [placed], 'annotation', heeded),
    ].map((one) => ({ ...one, ...within(one, object.firstLine) }));
    return warnings.length === 0 ? document : { ...document, warnings: [...(document.warnings ?? []), ...warnings] };
  });
}

function unknownNamespaces(objects: readonly PostedObject[], context: JudgeContext): string[] {
  const namespaces = new Set(objects.map(({ subject }) => subject.identity.namespace));
  return [...namespaces].filter((name) => name !== '' && context.namespaceObject(name) === undefined).sort();
}
