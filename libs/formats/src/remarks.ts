import type { ValidationDocument, ValidationResult } from '#contracts';
import { byPlace, objectText, placeOf, type Place } from './place.js';
import type { ResultContext } from './result-context.js';
import type { Level } from './severity-levels.js';

export type RemarkKind = 'invalid' | 'error' | 'warning' | 'skipped' | 'ignored' | 'not-considered';

/** What a result says beside its violations: what was not judged, and why. */
export interface Remark {
  kind: RemarkKind;
  level: Level;
  /** A document's code, or the policy. */
  code: string;
  message: string;
  place: Place;
}

/** Remarks that say the same of many places. */
export interface GatheredRemark extends Remark {
  /** At least one; `place` is the first. */
  places: Place[];
}

const LEVEL_OF: Record<RemarkKind, Level> = {
  invalid: 'error',
  error: 'warning',
  warning: 'warning',
  skipped: 'note',
  ignored: 'note',
  'not-considered': 'note',
};
const KINDS = Object.keys(LEVEL_OF) as RemarkKind[];

/** @returns the remarks of a result: documents that are invalid first, bindings that were not considered last */
export function remarksOf(result: ValidationResult, { root }: ResultContext): Remark[] {
  const documents = result.documents.flatMap((document) => remarksOfDocument(document, root));
  const unresolved = result.unresolved.map(({ policy, instance, verdict, reason, object }) =>
    remark(
      verdict,
      instance === '' ? policy : `${policy} (${instance})`,
      reason,
      placeOf(undefined, objectText(object)),
    ),
  );
  const bindings = result.not_considered.map(({ binding, reason }) =>
    remark('not-considered', 'binding', reason, placeOf(undefined, `binding ${binding}`)),
  );
  return [...documents, ...unresolved, ...bindings].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || byPlace(a.place, b.place),
  );
}

/** @returns the same, those that differ by their place alone as one */
export function gatheredRemarks(result: ValidationResult, context: ResultContext): GatheredRemark[] {
  const gathered = new Map<string, GatheredRemark>();
  for (const one of remarksOf(result, context)) {
    const key = JSON.stringify([one.kind, one.code, one.message]);
    const same = gathered.get(key);
    if (same === undefined) gathered.set(key, { ...one, places: [one.place] });
    else same.places.push(one.place);
  }
  return [...gathered.values()];
}

/** A document that is ignored without a word held nothing: it is not worth one here either. */
function remarksOfDocument(document: ValidationDocument, root: string | undefined): Remark[] {
  const { index, path, status, object, error, warnings = [] } = document;
  const at = (place: { line?: number | undefined; column?: number | undefined }): Place => {
    const { line, column } = place;
    const known = {
      ...(path !== null && { path }),
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
    };
    return placeOf(known, object === undefined ? `document ${index + 1}` : objectText(object), root);
  };
  const remarks = warnings.map((warning) => remark('warning', warning.code, warning.message, at(warning)));
  if (status === 'invalid') {
    const { code = 'invalid', message = 'it can’t be read' } = error ?? {};
    remarks.push(remark('invalid', code, message, at(error ?? {})));
  }
  if (status === 'ignored' && error !== undefined)
    remarks.push(remark('ignored', error.code, error.message, at(error)));
  return remarks;
}

function remark(kind: RemarkKind, code: string, message: string, place: Place): Remark {
  return { kind, level: LEVEL_OF[kind], code, message, place };
}
