import type { ValidationFinding, ValidationResult, ValidationViolation } from '#contracts';
import { byPlace, objectText, placeOf, type Place } from './place.js';
import type { ResultContext } from './result-context.js';
import { bySeverity, levelOf, standingOf, type Level, type Standing } from './severity-levels.js';

/** One finding of a violation at its place: what is marked in a file. */
export interface Mark {
  violation: ValidationViolation;
  /** Undefined where a violation has none. */
  finding: ValidationFinding | undefined;
  message: string;
  place: Place;
  level: Level;
  standing: Standing;
}

/** @returns all findings of a result, the most severe first, then by place */
export function marksOf(result: ValidationResult, context: ResultContext): Mark[] {
  return result.violations
    .flatMap((violation) => marksOfViolation(violation, result.fail_on, context))
    .sort((a, b) => bySeverity(a, b) || byPlace(a.place, b.place));
}

/** @returns those that count, in the order they came */
export function countingMarks(result: ValidationResult, context: ResultContext): Mark[] {
  return marksOf(result, context).filter(({ standing }) => standing === 'counts');
}

/**
 * @param violation of a result
 * @param failOn the result's threshold
 * @returns a mark for each of its findings, one where it has none
 */
export function marksOfViolation(
  violation: ValidationViolation,
  failOn: ValidationResult['fail_on'],
  { root }: ResultContext,
): Mark[] {
  const object = objectText(violation.object);
  const same = { violation, level: levelOf(violation, failOn), standing: standingOf(violation) };
  if (violation.findings.length === 0) {
    const place = placeOf(violation.location, object, root);
    return [{ ...same, finding: undefined, message: violation.message, place }];
  }
  return violation.findings.map((finding) => ({
    ...same,
    finding,
    message: finding.message,
    place: placeOf(finding.location ?? violation.location, object, root),
  }));
}

/** @returns the policy, and its instance where it has one: `allowed-registries (strict)` */
export function checkName({ policy, instance }: ValidationViolation): string {
  return instance === '' ? policy.slug : `${policy.slug} (${instance})`;
}

/** @returns marks by what they have in common, groups and marks in the order they came */
export function groupedBy<Key>(marks: readonly Mark[], key: (mark: Mark) => Key): Map<Key, Mark[]> {
  const groups = new Map<Key, Mark[]>();
  for (const mark of marks) {
    const group = groups.get(key(mark));
    if (group === undefined) groups.set(key(mark), [mark]);
    else group.push(mark);
  }
  return groups;
}
