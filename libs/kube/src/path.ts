/** One step of a path: a key of a map, or an index of a list. */
export type PathSegment = string | number;

const PLAIN_KEY = /^[A-Za-z0-9_$-]+$/;
const INDEX = /^(?:0|[1-9][0-9]*)$/;

/**
 * Writes a path as findings have it: dotted from the object's root, list indexes in brackets, keys that need it quoted in
 * brackets (`metadata.labels["app.kubernetes.io/name"]`).
 * @param segments from the root; empty for the object itself
 */
export function formatPath(segments: readonly PathSegment[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (!PLAIN_KEY.test(segment)) text += `[${JSON.stringify(segment)}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

function closingQuote(path: string, open: number): number {
  for (let i = open + 1; i < path.length; i++) {
    if (path[i] === '\\') i++;
    else if (path[i] === '"') return i;
  }
  return -1;
}

function quotedKey(path: string, open: number): { key: string; next: number } | undefined {
  const close = closingQuote(path, open);
  if (close < 0 || path[close + 1] !== ']') return undefined;
  try {
    const key: unknown = JSON.parse(path.slice(open, close + 1));
    return typeof key === 'string' ? { key, next: close + 2 } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a path back; what follows a mistake is dropped, so that a place near it is still found.
 * @param path as `formatPath` writes it
 * @returns its steps from the root
 */
export function parsePath(path: string): PathSegment[] {
  const segments: PathSegment[] = [];
  let i = 0;
  while (i < path.length) {
    if (path[i] === '.') {
      i++;
    } else if (path[i] === '[' && path[i + 1] === '"') {
      const quoted = quotedKey(path, i + 1);
      if (!quoted) return segments;
      segments.push(quoted.key);
      i = quoted.next;
    } else if (path[i] === '[') {
      const close = path.indexOf(']', i);
      const index = close < 0 ? '' : path.slice(i + 1, close);
      if (!INDEX.test(index)) return segments;
      segments.push(Number(index));
      i = close + 1;
    } else {
      const end = path.slice(i).search(/[.[]/);
      const next = end < 0 ? path.length : i + end;
      segments.push(path.slice(i, next));
      i = next;
    }
  }
  return segments;
}
