import { oneLine } from './escape-line.js';
import { checkName, type Mark } from './marks.js';
import { placeText } from './place.js';
import type { GatheredRemark, Remark } from './remarks.js';

/** How remarks are called where violations have their severity. */
const CALLED: Record<Remark['kind'], string> = {
  invalid: 'invalid',
  error: 'error',
  warning: 'warning',
  skipped: 'skipped',
  ignored: 'ignored',
  'not-considered': 'not considered',
};

/** @returns `path:line:column: severity policy: message`, as editors and problem matchers read it */
export function markLine(mark: Mark): string {
  const { violation, message, place } = mark;
  return oneLine(`${placeText(place)}: ${violation.severity} ${checkName(violation)}: ${message}`);
}

/** @returns the same of what a result says beside its violations */
export function remarkLine(remark: Remark | GatheredRemark): string {
  const { kind, code, message, place } = remark;
  const others = 'places' in remark && remark.places.length > 1 ? ` (and ${remark.places.length - 1} more)` : '';
  return oneLine(`${placeText(place)}${others}: ${CALLED[kind]} ${code}: ${message}`);
}
