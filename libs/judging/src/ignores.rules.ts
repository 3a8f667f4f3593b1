import { isJsonObject, type JsonObject } from '#kernel';
import type { ValidationDocument, ValidationViolation } from '#contracts';
import { type Ignore, type IgnoreComment, parseIgnore } from './ignore-comments.rules.js';

/** An annotation that asks for policies to be ignored on the whole object, written as the comment is. */
export const IGNORE_ANNOTATION = 'bylaw.dev/ignore';

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

/**
 * @param comments of one text
 * @param allowed whether the organization lets a text say so
 * @param isKnown whether a policy of that slug judges here
 * @returns what keeps a comment from being followed
 */
export function unheededComments(
  comments: readonly IgnoreComment[],
  allowed: boolean,
  isKnown: (slug: string) => boolean,
): Warning[] {
  return comments.flatMap(({ line, column, policies, reason }): Warning[] => {
    const warn = (code: string, message: string): Warning => ({ code, message, line, column });
    if (!allowed)
      return [warn('ignore_not_allowed', 'comments ignore nothing here: the organization has not allowed it')];
    if (policies.length === 0)
      return [warn('ignore_without_policy', 'say which policy: # bylaw:ignore SLUG -- reason')];
    if (reason === '') return [warn('ignore_without_reason', 'say why: # bylaw:ignore SLUG -- reason')];
    return policies
      .filter((slug) => !isKnown(slug))
      .map((slug) => warn('ignore_unknown_policy', `no policy ${slug} judges here`));
  });
}
