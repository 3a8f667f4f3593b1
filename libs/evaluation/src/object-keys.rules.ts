import type { RelatedDeclaration } from '#engine';
import { kindsOf, type KnownObject, type LabelledPath, referencesOf, selectOf } from '#judging';
import { indexKey, indexKeys, kindMatches, type ObjectIdentity } from '#kube';

/** Under which path and key an object is found by others. */
export interface PathKey {
  /** Label of the path. */
  path: string;
  key: string;
}

/** A path that rows are kept for. */
export interface KeptPath extends LabelledPath {
  /** Whether rows say what an object names there, or what it holds. */
  by: 'reference' | 'key';
}

/**
 * @param declarations of the policies that act
 * @returns the paths that rows are kept for, each once
 */
export function keptPaths(declarations: readonly RelatedDeclaration[]): KeptPath[] {
  const paths = declarations.flatMap((declaration): KeptPath[] => {
    const select = selectOf(declaration);
    if (select?.by === 'key') return select.paths.map((path) => ({ by: 'key', ...path }));
    return select?.by === 'reference' ? [{ by: 'reference', label: select.label, path: select.path }] : [];
  });
  return [...new Map(paths.map((path) => [path.label, path])).values()];
}

/**
 * @param known one object
 * @param paths that rows are kept for
 * @returns its rows. What it names is kept in the namespace where a namespaced object would be, and in none: which of them
 *   it is, its kind says
 */
export function keysOf(known: KnownObject, paths: readonly KeptPath[]): PathKey[] {
  return paths.flatMap(({ by, label, path }): PathKey[] => {
    const keys =
      by === 'key'
        ? indexKeys(known.object, path)
        : referencesOf(known, path).flatMap(({ kind = '', namespace, name }) => [
            indexKey([kind, namespace, name]),
            indexKey([kind, '', name]),
          ]);
    return [...new Set(keys)].map((key) => ({ path: label, key }));
  });
}

/**
 * Under what those are kept whose verdict may depend on an object.
 * @param identity of the object that changed
 * @param keys that it has or had
 * @param declarations of the policies that act
 */
export function dependentKeys(
  identity: ObjectIdentity,
  keys: readonly PathKey[],
  declarations: readonly RelatedDeclaration[],
): PathKey[] {
  return declarations.flatMap((declaration): PathKey[] => {
    const select = selectOf(declaration);
    if (select?.by === 'reference') {
      const meant = kindsOf(declaration).some((kind) => kindMatches(kind, identity));
      // Who names it by its name alone has written no kind.
      const kinds = meant ? [identity.kind, ''] : [];
      return kinds.map((kind) => ({ path: select.label, key: indexKey([kind, identity.namespace, identity.name]) }));
    }
    if (select?.by !== 'key') return [];
    const labels = select.paths.map(({ label }) => label);
    const shared = new Set(keys.filter(({ path }) => labels.includes(path)).map(({ key }) => key));
    return [...shared].flatMap((key) => labels.map((path) => ({ path, key })));
  });
}

/** @returns one text for one row */
export function rowText({ path, key }: PathKey): string {
  return JSON.stringify([path, key]);
}
