import type { EffectiveBinding } from '#decision';
import type { RelatedDeclaration } from '#engine';
import {
  type BoundPolicies,
  INVENTORY_CHARACTERS_MAX,
  INVENTORY_MAX,
  kindsKey,
  kindsOf,
  type KnownObject,
  selectOf,
} from '#judging';
import type { Tx } from '#platform';
import { loadBodies } from './inventory-input.store.js';

/** How many bodies are read at a time. */
const CHUNK = 500;

/** A policy that looks through an inventory: at which kinds, and which it judges, each without its group. */
export interface InventoryRelation {
  declaration: RelatedDeclaration;
  /** `all` where a glob or a class says which. */
  judges: readonly string[] | 'all';
}

/**
 * @param bindings that are judged by
 * @param policies their modules
 * @returns the relations that look through an inventory, with what their bindings mean
 */
export function inventoryRelations(
  bindings: readonly EffectiveBinding[],
  policies: BoundPolicies,
): InventoryRelation[] {
  return bindings.flatMap(({ condition, items }) =>
    items.flatMap((item) => {
      const metadata = policies.metadata(item);
      const related = metadata?.related.filter((one) => selectOf(one)?.by === 'inventory') ?? [];
      const judges = plainKinds(condition.kinds ?? metadata?.kinds ?? []);
      return related.map((declaration) => ({ declaration, judges }));
    }),
  );
}

/** @returns the kinds without their groups, `all` where one of them can’t be looked for by its name */
function plainKinds(patterns: readonly string[]): string[] | 'all' {
  const kinds = patterns.map((pattern) => pattern.slice(pattern.lastIndexOf('/') + 1));
  return kinds.some((kind) => /[*?@]/.test(kind)) ? 'all' : kinds;
}

/**
 * Loads all objects of the kinds that policies look through who judge one of these objects, unless they are more than can
 * be shown; nothing is read where none does.
 * @param tx the transaction
 * @param clusterId UUID
 * @param relations that look through the inventory
 * @param judged objects
 * @param found what was loaded before; what is loaded is added
 */
export async function loadOfKinds(
  tx: Tx,
  clusterId: string,
  relations: readonly InventoryRelation[],
  judged: readonly KnownObject[],
  found: Map<string, readonly KnownObject[] | undefined>,
): Promise<void> {
  const present = new Set(judged.map(({ identity }) => identity.kind));
  for (const { declaration, judges } of relations) {
    const kinds = kindsOf(declaration);
    const key = kindsKey(kinds);
    if (found.has(key) || (judges !== 'all' && !judges.some((kind) => present.has(kind)))) continue;
    found.set(key, await loadAll(tx, clusterId, kinds));
  }
}

interface HeadRow {
  api_group: string;
  kind: string;
  namespace: string;
  name: string;
  body_hash: Buffer;
}

async function loadAll(tx: Tx, clusterId: string, kinds: readonly string[]): Promise<KnownObject[] | undefined> {
  // One more than is shown tells that there are too many; some of them may be left out of what is shown, though not here.
  const heads = await tx.query<HeadRow>(
    `select o.api_group, o.kind, o.namespace, o.name, o.body_hash from app.inventory_object o
     where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null
       and (o.kind = any($3::text[]) or o.api_group || '/' || o.kind = any($4::text[]))
     order by o.api_group collate "C", o.kind collate "C", o.namespace collate "C", o.name collate "C" limit $5`,
    [
      tx.scope.orgId,
      clusterId,
      kinds.filter((kind) => !kind.includes('/')),
      kinds.filter((kind) => kind.includes('/')).map((kind) => kind.replace(/^core\//, '/')),
      INVENTORY_MAX + 1,
    ],
  );
  if (heads.length > INVENTORY_MAX) return undefined;
  const found: KnownObject[] = [];
  let characters = 0;
  for (let start = 0; start < heads.length; start += CHUNK) {
    const chunk = heads.slice(start, start + CHUNK);
    const bodies = await loadBodies(
      tx,
      chunk.map(({ body_hash: hash }) => hash),
    );
    for (const { api_group: group, kind, namespace, name, body_hash: hash } of chunk) {
      const object = bodies.get(hash.toString('hex'));
      if (object === undefined) continue;
      characters += JSON.stringify(object).length;
      found.push({ identity: { group, kind, namespace, name }, object });
    }
    if (characters > INVENTORY_CHARACTERS_MAX) return undefined;
  }
  return found;
}

/**
 * @param changed ids of objects that changed, gone ones too
 * @param relations of the policies that act
 * @returns the kinds, without their groups, whose verdicts may depend on one of these objects
 */
export async function kindsReached(
  tx: Tx,
  changed: readonly string[],
  relations: readonly InventoryRelation[],
): Promise<readonly string[] | 'all'> {
  if (relations.length === 0 || changed.length === 0) return [];
  const rows = await tx.query<{ kind: string }>(
    'select distinct kind from app.inventory_object where org_id = $1 and object_id = any($2::uuid[])',
    [tx.scope.orgId, changed],
  );
  const kinds = new Set(rows.map(({ kind }) => kind));
  const looked = relations.filter(({ declaration }) =>
    kindsOf(declaration).some((kind) => kinds.has(kind.slice(kind.lastIndexOf('/') + 1))),
  );
  const judged = looked.map(({ judges }) => judges);
  return judged.includes('all') ? 'all' : [...new Set(judged.flatMap((names) => (names === 'all' ? [] : names)))];
}
