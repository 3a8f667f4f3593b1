import type { Json } from '#kernel';
import { clipped } from './escape-line.js';
import type { Mark } from './marks.js';
import { placeText } from './place.js';

const VALUE_MAX = 200;

/** @returns what was found and what is expected, as far as it is said: `found "nginx", expected "a tag"` */
export function foundText({ finding }: Mark): string {
  if (finding === undefined) return '';
  return [
    // Results that were kept may be older than the contract: a value that is not there is none.
    ...(finding.found == null ? [] : [`found ${valueText(finding.found)}`]),
    ...(finding.expected == null ? [] : [`expected ${valueText(finding.expected)}`]),
  ].join(', ');
}

/** @returns a finding in a line or two: its place, its message, the field and what is in it */
export function findingText(mark: Mark): string {
  const { finding, message, place } = mark;
  const field = finding === undefined ? '' : finding.path;
  const details = [field, foundText(mark)].filter((part) => part !== '').join(': ');
  return `${placeText(place)}: ${message}${details === '' ? '' : `\n  ${details}`}`;
}

/** @returns a value as it can be shown: JSON, cut where it is long */
export function valueText(value: Json): string {
  return clipped(JSON.stringify(value), VALUE_MAX);
}
