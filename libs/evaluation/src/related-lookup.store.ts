import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { candidatesOf, isOfKind, kindsOf, type KnownObject, referencesOf, selectOf, SHARING_MAX } from '#judging';
import { indexKeys, objectId } from '#kube';
import type { Tx } from '#platform';
import { keptPaths, type PathKey } from './object-keys.rules.js';
import * as store from './object-keys.store.js';
import { fillPaths } from './related-scope.store.js';

/** A relation and the kinds that its policy judges. */
export interface JudgedRelation {
  declaration: RelatedDeclaration;
  judges: readonly string[];
}

/**
 * @param policies that may judge
 * @returns their relations that look beyond a namespace
 */
export function widerRelations(
  policies: Iterable<Pick<PolicyMetadata, 'related' | 'kinds'> | undefined>,
): JudgedRelation[] {
  const relations = [...new Set(policies)].flatMap((policy) =>
    (policy?.related ?? []).map((declaration) => ({ declaration, judges: policy?.kinds ?? [] })),
  );
  return relations.filter(({ declaration }) => ['reference', 'key'].includes(selectOf(declaration)?.by ?? ''));
}

/** Fills the paths of policies that only CI asks by, where no run has done it yet. */
export async function ensureKeys(tx: Tx, clusterId: string, relations: readonly JudgedRelation[]): Promise<void> {
  const paths = keptPaths(relations.map(({ declaration }) => declaration));
  if (paths.length > 0) await fillPaths(tx, clusterId, paths, await store.loadPaths(tx, clusterId));
}

/**
 * Loads what judged objects name and what shares a key with them; nothing is read where none has a reference or a key.
 * @param tx the transaction
 * @param clusterId UUID
 * @param relations of the policies that judge
 * @param judged objects, whole
 * @param replaced how many objects of the inventory may be hidden by others of the same identity
 * @returns more than is looked for, maybe: which of them a policy is shown, `resolveRelated` says
 */
export async function loadWider(
  tx: Tx,
  clusterId: string,
  relations: readonly JudgedRelation[],
  judged: readonly KnownObject[],
  replaced = 0,
): Promise<KnownObject[]> {
  const wanted = new Set<string>();
  for (const { declaration, judges } of relations) {
    const asking = judged.filter((known) => isOfKind(known, judges));
    for (const id of await named(tx, clusterId, declaration, asking)) wanted.add(id);
    // One more than is shown: the judged object may be among them.
    const keys = keysWanted(declaration, asking);
    for (const id of await store.listFirstHolders(
      tx,
      clusterId,
      keys,
      kindsOf(declaration),
      SHARING_MAX + 1 + replaced,
    ))
      wanted.add(id);
  }
  for (const { identity } of judged) wanted.delete(objectId(clusterId, identity));
  return store.loadWhole(tx, [...wanted]);
}

async function named(
  tx: Tx,
  clusterId: string,
  declaration: RelatedDeclaration,
  asking: readonly KnownObject[],
): Promise<string[]> {
  const select = selectOf(declaration);
  if (select?.by !== 'reference') return [];
  const references = asking.flatMap((known) => referencesOf(known, select.path));
  if (references.length === 0) return [];
  const kinds = kindsOf(declaration);
  const inAnyGroup = kinds.filter((kind) => !kind.includes('/'));
  const concrete = [
    ...(await store.loadGroups(tx, clusterId, inAnyGroup)),
    ...kinds.filter((kind) => kind.includes('/')).map(groupAndKind),
  ];
  return references.flatMap((reference) =>
    candidatesOf(reference, concrete).map((identity) => objectId(clusterId, identity)),
  );
}

function groupAndKind(text: string): { group: string; kind: string } {
  const slash = text.lastIndexOf('/');
  const group = text.slice(0, slash);
  return { group: group === 'core' ? '' : group, kind: text.slice(slash + 1) };
}

function keysWanted(declaration: RelatedDeclaration, asking: readonly KnownObject[]): PathKey[] {
  const select = selectOf(declaration);
  if (select?.by !== 'key') return [];
  const keys = new Set(asking.flatMap(({ object }) => select.paths.flatMap(({ path }) => indexKeys(object, path))));
  return [...keys].flatMap((key) => select.paths.map(({ label }) => ({ path: label, key })));
}
