import type { RelatedDeclaration } from '#engine';
import { loadBoundRelations } from '#enforcement';
import type { Tx } from '#platform';
import { dependentKeys, type KeptPath, keptPaths, keysOf, rowText } from './object-keys.rules.js';
import * as store from './object-keys.store.js';

const CHUNK = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** What a change reaches through references and keys. */
export interface RelatedScope {
  /** Ids of the objects whose verdict may depend on what changed. */
  dependents: string[];
  /**
   * Rows of what the changed objects held before: removed when the run ends, so that a run that was killed finds again
   * who shared them. Until then they do no harm: what a row says is held against the object's content.
   */
  outdated: store.ObjectKeyRow[];
}

/**
 * Brings the rows of `app.object_key` up to what a run finds (E7): those of changed objects, and whole paths that policies
 * began to declare; paths that none declares any more are forgotten.
 * @param tx in which the run begins
 * @param clusterId UUID
 * @param changed ids of the objects that changed
 */
export async function keepKeys(tx: Tx, clusterId: string, changed: readonly string[]): Promise<RelatedScope> {
  const declarations = await loadBoundRelations(tx);
  const paths = keptPaths(declarations);
  const labels = new Set(paths.map(({ label }) => label));
  const kept = await store.loadPaths(tx, clusterId);
  const idle = kept.filter((label) => !labels.has(label));
  if (idle.length > 0) await store.dropPaths(tx, clusterId, idle);
  const scope: RelatedScope = { dependents: [], outdated: [] };
  if (paths.length === 0) return scope;
  await fillPaths(tx, clusterId, paths, kept);
  const dependents = new Set<string>();
  for (let start = 0; start < changed.length; start += CHUNK) {
    const reached = await moveKeys(tx, clusterId, changed.slice(start, start + CHUNK), paths, declarations);
    for (const id of reached.dependents) dependents.add(id);
    scope.outdated.push(...reached.outdated);
  }
  return { ...scope, dependents: [...dependents] };
}

/**
 * Makes sure that each path has its rows, before anybody looks by it.
 * @param paths that policies declare
 * @param kept labels of those that are known to have them
 */
export async function fillPaths(
  tx: Tx,
  clusterId: string,
  paths: readonly KeptPath[],
  kept: readonly string[],
): Promise<void> {
  const missing = paths.filter(({ label }) => !kept.includes(label)).map(({ label }) => label);
  if (missing.length === 0) return;
  const claimed = await store.claimPaths(tx, clusterId, missing);
  const fresh = paths.filter(({ label }) => claimed.includes(label));
  if (fresh.length === 0) return;
  let after = FIRST_ID;
  for (;;) {
    const objects = await store.loadNext(tx, clusterId, after, CHUNK);
    const last = objects.at(-1);
    if (last === undefined) return;
    await store.addKeys(
      tx,
      clusterId,
      objects.flatMap((known) => rowsOf(known, fresh)),
    );
    after = last.objectId;
  }
}

async function moveKeys(
  tx: Tx,
  clusterId: string,
  changed: readonly string[],
  paths: readonly KeptPath[],
  declarations: readonly RelatedDeclaration[],
): Promise<RelatedScope> {
  const before = await store.loadKeys(tx, changed);
  const now = (await store.loadWhole(tx, changed)).flatMap((known) => rowsOf(known, paths));
  const there = new Set(before.map(fullText));
  const wanted = new Set(now.map(fullText));
  await store.addKeys(
    tx,
    clusterId,
    now.filter((row) => !there.has(fullText(row))),
  );
  const byObject = new Map<string, store.ObjectKeyRow[]>(changed.map((id) => [id, []]));
  for (const row of [...before, ...now]) byObject.get(row.objectId)?.push(row);
  const identities = await store.loadIdentities(tx, changed);
  const keys = [...identities].flatMap(([id, identity]) =>
    dependentKeys(identity, byObject.get(id) ?? [], declarations),
  );
  const once = [...new Map(keys.map((key) => [rowText(key), key])).values()];
  return {
    dependents: await store.listHolders(tx, clusterId, once),
    outdated: before.filter((row) => !wanted.has(fullText(row))),
  };
}

function rowsOf(known: store.LoadedObject, paths: readonly KeptPath[]): store.ObjectKeyRow[] {
  return keysOf(known, paths).map((key) => ({ objectId: known.objectId, ...key }));
}

function fullText(row: store.ObjectKeyRow): string {
  return `${row.objectId} ${rowText(row)}`;
}
