import { isJsonObject, type JsonObject } from '#kernel';
import type { ValidationDocument, ValidationViolation } from '#contracts';
import type { TextPosition } from '#kube';
import { type Ignore, type IgnoreComment, parseIgnore } from './ignore-comments.rules.js';

/** An annotation that asks for policies to be ignored on the whole object, written as the comment is. */
export const IGNORE_ANNOTATION = 'bylaw.dev/ignore';
/** Where it stands in an object. */
export const IGNORE_ANNOTATION_PATH = `metadata.annotations["${IGNORE_ANNOTATION}"]`;

type Warning = NonNullable<ValidationDocument['warnings']>[number];

/** What an object's text and annotations ask to be ignored. */
export interface Ignores {
  comments: readonly IgnoreComment[];
  annotation: Ignore | undefined;
}

/**
 * @param object whole
 * @param comments in its text
 */
export function ignoresOf(object: JsonObject, comments: readonly IgnoreComment[]): Ignores {
  const metadata = object['metadata'];
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  const text = isJsonObject(annotations) ? annotations[IGNORE_ANNOTATION] : undefined;
  return { comments, annotation: typeof text === 'string' ? parseIgnore(text) : undefined };
}

/**
 * Takes the findings out of a violation that its text says may stand. Where none is left, the violation is waived.
 * @param violation as it was found
 * @param ignores of its object
 * @param lineOf where a finding stands in the text that was posted
 */
export function heldToIgnores(
  violation: ValidationViolation,
  { comments, annotation }: Ignores,
  lineOf: (path: string) => number | undefined,
): ValidationViolation {
  const { slug } = violation.policy;
  if (annotation !== undefined && counts(annotation, slug))
    return { ...violation, waiver: { kind: 'annotation', reason: annotation.reason } };
  const meant = comments.filter((comment) => counts(comment, slug));
  if (meant.length === 0) return violation;
  const covering = (path: string): IgnoreComment | undefined => {
    const line = lineOf(path);
    return line === undefined ? undefined : meant.find(({ from, to }) => from <= line && line <= to);
  };
  const standing = violation.findings.filter(({ path }) => covering(path) === undefined);
  const [first] = standing;
  if (first === undefined) {
    const reasons = new Set(violation.findings.map(({ path }) => covering(path)?.reason ?? ''));
    return { ...violation, waiver: { kind: 'comment', reason: [...reasons].join('; ') } };
  }
  if (standing.length === violation.findings.length) return violation;
  const { fix: _ofAll, ...rest } = violation;
  const more = standing.length - 1;
  return {
    ...rest,
    findings: standing,
    message: more === 0 ? first.message : `${first.message} (and ${more} more)`,
    ...(first.location && { location: first.location }),
  };
}

function counts({ policies, reason }: Ignore, slug: string): boolean {
  return reason !== '' && policies.includes(slug);
}

/** How each is written, and what several of it are called. */
const FORMS = {
  comment: { form: '# bylaw:ignore SLUG -- reason', several: 'comments' },
  annotation: { form: `${IGNORE_ANNOTATION}: SLUG -- reason`, several: 'annotations' },
};
/** So many unknown policies are told by name; a text may name as many as fit into it. */
const NAMED_MOST = 5;

/**
 * @param asked comments or annotations, where they stand
 * @param kind which of both
 * @param world `allowed`: whether a text may say so here; `isKnown`: whether a policy of that slug judges here
 * @returns what keeps any of them from being followed
 */
export function unheeded(
  asked: readonly (Ignore & TextPosition)[],
  kind: keyof typeof FORMS,
  world: { allowed: boolean; isKnown: (slug: string) => boolean },
): Warning[] {
  const { form, several } = FORMS[kind];
  return asked.flatMap(({ line, column, policies, reason }): Warning[] => {
    const warn = (code: string, message: string): Warning[] => [{ code, message, line, column }];
    if (!world.allowed) return warn('ignore_not_allowed', `${several} ignore nothing here: that is not allowed`);
    if (policies.length === 0) return warn('ignore_without_policy', `say which policy: ${form}`);
    if (reason === '') return warn('ignore_without_reason', `say why: ${form}`);
    const unknown = [...new Set(policies)].filter((slug) => !world.isKnown(slug));
    return unknown.length === 0 ? [] : warn('ignore_unknown_policy', `${named(unknown)} here`);
  });
}

function named(slugs: readonly string[]): string {
  if (slugs.length === 1) return `no policy ${slugs[0]} judges`;
  const more = slugs.length - NAMED_MOST;
  return `no policies ${slugs.slice(0, NAMED_MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''} judge`;
}
