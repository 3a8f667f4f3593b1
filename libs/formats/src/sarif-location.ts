import { mendText } from '#kernel';
import type { Location } from 'sarif';
import type { Place } from './place.js';

/**
 * @param place in a file; where there is none, the object stands in, as GitHub shows no result without a file
 * @param field dotted, from the object's root
 */
export function sarifLocation(place: Place, field?: string): Location {
  const { path, line, column, object } = place;
  const name = field === undefined || field === '' ? object : `${object} ${field}`;
  return {
    physicalLocation: {
      artifactLocation: path?.startsWith('/')
        ? { uri: `file://${encoded(path)}` }
        : { uri: encoded(path ?? object.replace(' ', '/')), uriBaseId: '%SRCROOT%' },
      region: { startLine: line ?? 1, ...(column !== undefined && { startColumn: column }) },
    },
    ...(object !== '' && { logicalLocations: [{ fullyQualifiedName: mendText(name), kind: 'object' }] }),
  };
}

/** Each part of a path percent-encoded, so that the whole is a relative reference (RFC 3986). */
function encoded(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(mendText(part)))
    .join('/');
}
