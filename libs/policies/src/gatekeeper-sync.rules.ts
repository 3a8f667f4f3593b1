import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '#kernel';
import type { RelatedDeclaration } from '#engine';

/** What a template says that it needs of `data.inventory`. */
const ANNOTATION = 'metadata.gatekeeper.sh/requires-sync-data';
/** What the compiler takes of one relation. */
const KINDS_MAX = 20;
const EXCEPT_MAX = 10;
const KIND = /^(?:[a-z0-9][a-z0-9.-]*\/)?[A-Z][A-Za-z0-9]*$/;
const NAMESPACE = /^(?:\*?[-:a-z0-9]+\*?|\*)$/;

/** What Gatekeeper is told to keep of the cluster for its policies, of all documents of one import. */
export interface Synced {
  /** `group/Kind`, each once; the core group is `core`. */
  kinds: string[];
  /** Globs of namespaces that nothing is kept of. */
  except: string[];
}

const entries = z.array(z.looseObject({ group: z.string().nullish(), kind: z.string() })).nullish();
const configSchema = z.looseObject({
  spec: z
    .looseObject({
      sync: z.looseObject({ syncOnly: entries }).nullish(),
      match: z
        .array(
          z.looseObject({
            processes: z.array(z.string()).nullish(),
            excludedNamespaces: z.array(z.string()).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
const syncSetSchema = z.looseObject({ spec: z.looseObject({ gvks: entries }).nullish() });
const requirementsSchema = z.array(
  z.array(z.strictObject({ groups: z.array(z.string()), versions: z.array(z.string()), kinds: z.array(z.string()) })),
);

/**
 * @param documents of one import; those that are neither Gatekeeper's Config nor a SyncSet say nothing
 * @returns all that they together have kept
 */
export function syncedBy(documents: readonly JsonObject[]): Synced {
  const kinds = new Set<string>();
  const except = new Set<string>();
  for (const document of documents) {
    const { apiVersion, kind } = document;
    const config = configSchema.safeParse(document);
    const set = syncSetSchema.safeParse(document);
    const group = typeof apiVersion === 'string' ? apiVersion.split('/')[0] : '';
    if (group === 'config.gatekeeper.sh' && kind === 'Config' && isTheOne(document) && config.success) {
      for (const one of config.data.spec?.sync?.syncOnly ?? []) kinds.add(kindOf(one));
      for (const { processes, excludedNamespaces } of config.data.spec?.match ?? [])
        if (processes?.some((process) => process === '*' || process === 'sync') === true)
          for (const glob of excludedNamespaces ?? []) except.add(glob);
    }
    if (group === 'syncset.gatekeeper.sh' && kind === 'SyncSet' && set.success)
      for (const one of set.data.spec?.gvks ?? []) kinds.add(kindOf(one));
  }
  return { kinds: [...kinds].sort(), except: [...except].sort() };
}

/**
 * Says by a relation what a template finds in `data.inventory`: what it says that it needs, else all that is kept.
 * @param template a ConstraintTemplate that looks at `data.inventory`
 * @param synced what is kept of the cluster
 * @returns the relation, which is called `inventory`, with what is to be said of it; or why it can't be told
 */
export function inventoryRelation(
  template: JsonObject,
  synced: Synced,
): { relation: RelatedDeclaration; notes: string[] } | { skipped: string } {
  const required = requiredBy(template);
  if (required === 'unreadable') return { skipped: `its annotation ${ANNOTATION} is not as Gatekeeper takes it` };
  const kinds = required ?? synced.kinds;
  if (kinds.length === 0)
    return {
      skipped: `it looks at data.inventory, and nothing says which kinds that holds: neither its annotation ${ANNOTATION} nor a Config or SyncSet beside it`,
    };
  const strange = kinds.find((kind) => !KIND.test(kind));
  if (strange !== undefined) return { skipped: `it looks through ${strange}, which is no kind` };
  if (kinds.length > KINDS_MAX)
    return {
      skipped: `it looks through ${kinds.length} kinds of objects: more than ${KINDS_MAX} are not looked through`,
    };
  const { except } = synced;
  if (except.length > EXCEPT_MAX || except.some((glob) => !NAMESPACE.test(glob)))
    return { skipped: `what Config leaves out of data.inventory can’t be said: ${except.join(', ').slice(0, 200)}` };
  const select = except.length === 0 ? 'inventory' : `inventory(except: ${except.join(', ')})`;
  const [only] = kinds;
  const missing = synced.kinds.length === 0 ? [] : kinds.filter((kind) => !synced.kinds.includes(kind));
  return {
    relation: {
      name: 'inventory',
      kind: kinds.length === 1 && only !== undefined ? only : kinds,
      select,
      need: 'complete',
    },
    notes:
      missing.length === 0
        ? []
        : [`what it needs of ${missing.join(', ')} is looked through too, though Gatekeeper was not told to keep it`],
  };
}

/** Gatekeeper hears one Config alone. */
function isTheOne({ metadata }: JsonObject): boolean {
  return isJsonObject(metadata) && metadata['name'] === 'config';
}

function kindOf({ group, kind }: { group?: string | null | undefined; kind: string }): string {
  return `${group == null || group === '' ? 'core' : group}/${kind}`;
}

/** @returns undefined where nothing is said */
function requiredBy({ metadata }: JsonObject): string[] | 'unreadable' | undefined {
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  const text = isJsonObject(annotations) ? annotations[ANNOTATION] : undefined;
  if (typeof text !== 'string') return undefined;
  const parsed = requirementsSchema.safeParse(readJson(text.replace(/^["\n]+/, '').replace(/["\n]+$/, '')));
  if (!parsed.success) return 'unreadable';
  const kinds = parsed.data
    .flat()
    .flatMap(({ groups, kinds: names }) => groups.flatMap((group) => names.map((kind) => kindOf({ group, kind }))));
  return [...new Set(kinds)].sort();
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
