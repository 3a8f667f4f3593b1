import type { SourceLocation, ValidationViolation } from '#contracts';

/** Where something is: in a file, or at least in an object. */
export interface Place {
  /** As consumers know it; undefined where the text had no name. */
  path: string | undefined;
  /** Counts from 1, as the column does; undefined where there was no text. */
  line: number | undefined;
  /** In UTF-16 code units. */
  column: number | undefined;
  /** What stands in where there is no file. */
  object: string;
}

/** How a text without a name is called in a location. */
const UNNAMED = '-';

/** @returns an object as people say it: `Deployment shop/web` */
export function objectText({ kind, namespace, name }: ValidationViolation['object']): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/**
 * @param location in a text, where there was one
 * @param object what stands in for it
 * @param root see `ResultContext`
 */
export function placeOf(location: Partial<SourceLocation> | undefined, object: string, root?: string): Place {
  const path = location?.path === undefined ? undefined : pathFrom(location.path, root);
  const { line, column } = location ?? {};
  return {
    path: path === '' || path === UNNAMED ? undefined : path,
    line: line === undefined ? undefined : Math.max(1, line),
    column: column === undefined ? undefined : Math.max(1, column),
    object,
  };
}

/** @returns `path:line:column`, or the object where nothing is known of a text */
export function placeText({ path, line, column, object }: Place): string {
  if (path === undefined && line === undefined) return object;
  return [path ?? UNNAMED, line, column].filter((part) => part !== undefined).join(':');
}

/** Sorts as one reads: by file, then from its beginning to its end; what has no file comes last, by its object. */
export function byPlace(a: Place, b: Place): number {
  if (a.path !== b.path) {
    if (a.path === undefined) return 1;
    if (b.path === undefined) return -1;
    return a.path < b.path ? -1 : 1;
  }
  return (
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    (a.object < b.object ? -1 : Number(a.object > b.object))
  );
}

function pathFrom(path: string, root: string | undefined): string {
  const plain = path.replace(/^(?:\.\/+)+/, '');
  const from = root?.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  if (from === undefined || plain === UNNAMED) return plain;
  if (root?.startsWith('/')) return plain.startsWith(`${from}/`) ? plain.slice(from.length + 1) : plain;
  return plain.startsWith('/') || from === '' || from === '.' ? plain : `${from}/${plain}`;
}
