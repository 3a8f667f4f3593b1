import { AppError, publicId } from '#kernel';
import type { ImportAnswer, ImportedDocument } from '#contracts';
import type { Tx } from '#platform';
import { type BindingDraft, type Converted, draftDigest } from './import.rules.js';
import {
  type CompiledDraft,
  type KnownImport,
  loadImports,
  lockImports,
  saveDraft,
  takenSlugs,
} from './import.store.js';
import { actingBytes, requireRoomForActing } from './own-quotas.store.js';
import { POLICIES_CHANGED, POLICY_PUBLISHED, type PoliciesChanged, type PolicyPublished } from './policies.events.js';

export type DraftOf = Extract<Converted, { as: 'policy' }>;
type BindingOf = Extract<Converted, { as: 'binding' }>;

/** What became of a document that says where policies apply. */
export type BoundDocument = Pick<ImportedDocument, 'result' | 'reason' | 'changed' | 'bindings' | 'notes'>;

/**
 * Makes targets, bindings and sets of documents that say where policies apply, in the transaction that their policies came
 * in: one answer for each, in their order.
 */
export type Binder = (
  tx: Tx,
  documents: readonly (BindingDraft & { path?: string })[],
) => Promise<readonly BoundDocument[]>;

/** A document on its way to its result. */
export type Planned =
  | { converted: Converted; as: 'skipped' | 'failed'; reason: string }
  | { converted: BindingOf; as: 'binding' }
  | { converted: DraftOf; as: 'known' }
  | { converted: DraftOf; as: 'compiled'; compiled: CompiledDraft };

/** What is known while documents are settled one after another. */
interface Settling {
  known: ReadonlyMap<string, KnownImport>;
  /** Slugs that somebody has. */
  taken: Set<string>;
  /** UUIDs of policies that were saved. */
  changed: string[];
  dryRun: boolean;
}

/** @returns by which keys what was imported of the documents is found again */
export function keysOf(converted: readonly Converted[]): string[] {
  return converted.flatMap((document) => (document.as === 'policy' ? [document.draft.importKey] : []));
}

/**
 * Saves all policies of an import, or none: nothing is imported by halves.
 * @param planned what compiled, and what did not
 * @param bind makes what binds them
 * @param dryRun whether the transaction will be undone: what would be made is told without an id
 * @throws AppError `quota_exceeded`, `conflict`
 */
export async function carryOut(
  tx: Tx,
  planned: readonly Planned[],
  bind: Binder,
  dryRun: boolean,
): Promise<ImportAnswer> {
  const keys = keysOf(planned.map(({ converted }) => converted));
  await lockImports(tx, keys);
  const known = await loadImports(tx, keys);
  const before = await actingBytes(tx);
  const added = planned.filter((plan) => plan.as === 'compiled' && !known.has(plan.compiled.draft.importKey));
  const settling: Settling = { known, taken: await takenSlugs(tx, added.length), changed: [], dryRun };
  const settled = new Map<Planned, ImportedDocument>();
  for (const plan of planned) if (plan.as !== 'binding') settled.set(plan, await settle(tx, plan, settling));
  await requireRoomForActing(tx, before);
  emitChanges(tx, settling.changed);
  const bindings = planned.filter((plan) => plan.as === 'binding');
  const bound = await bind(tx, bindings.map(draftOf));
  for (const [place, plan] of bindings.entries()) tell(settled, plan, bound[place], dryRun);
  return answerOf(
    planned.flatMap((plan) => settled.get(plan) ?? []),
    dryRun,
  );
}

function draftOf({ converted: { draft, document } }: { converted: BindingOf }): BindingDraft & { path?: string } {
  return { ...draft, ...(document.path !== undefined && { path: document.path }) };
}

/** Where a Weave policy applies stands in the policy's own document: that one tells both. */
function tell(
  settled: Map<Planned, ImportedDocument>,
  plan: Planned & { converted: BindingOf },
  bound: BoundDocument | undefined,
  dryRun: boolean,
): void {
  const { changed, bindings = [], notes = [], reason } = bound ?? {};
  const shown = bindings.map(({ id, name }) => ({ id: dryRun && changed === true ? null : id, name }));
  if (plan.converted.draft.from !== 'weave-policy') {
    const { result = 'failed' } = bound ?? {};
    const told = { ...aboutOf(plan), result, ...(reason !== undefined && { reason }), notes };
    settled.set(plan, { ...told, ...(result === 'imported' && { changed: changed === true, bindings: shown }) });
    return;
  }
  const policy = [...settled].find(([other]) => other.converted.document === plan.converted.document);
  if (policy === undefined || policy[1].result !== 'imported') return;
  const [key, told] = policy;
  const unbound = reason === undefined ? [] : [`it is not bound: ${reason}`];
  const all = { changed: told.changed === true || changed === true, bindings: shown };
  settled.set(key, { ...told, ...all, notes: [...told.notes, ...notes, ...unbound] });
}

function aboutOf({ converted: { document, kind, name } }: Planned): Pick<ImportedDocument, 'index' | 'kind' | 'name'> {
  const { index, path } = document;
  return { index, ...(path !== undefined && { path }), kind, name };
}

async function settle(
  tx: Tx,
  plan: Exclude<Planned, { as: 'binding' }>,
  settling: Settling,
): Promise<ImportedDocument> {
  const { notes } = plan.converted;
  const about = aboutOf(plan);
  if ('reason' in plan) return { ...about, result: plan.as, reason: plan.reason, notes: [] };
  const { draft } = plan.converted;
  const found = settling.known.get(draft.importKey);
  if (found?.importDigest?.equals(draftDigest(draft)) === true)
    return { ...about, result: 'imported', policy: shapeOf(found), changed: false, notes };
  if (plan.as === 'known' || found?.status === 'archived')
    throw new AppError('conflict', 'The same was imported, or archived, in this moment: import it again.');
  const { editedHere, ...saved } = await saveDraft(tx, plan.compiled, found, settling.taken);
  settling.changed.push(saved.policyId);
  const policy = { ...shapeOf(saved), ...(settling.dryRun && found === undefined && { id: null }) };
  const edited = editedHere ? ['what was changed here since it was last imported is in its earlier versions'] : [];
  return { ...about, result: 'imported', policy, changed: true, notes: [...notes, ...edited] };
}

function shapeOf({ policyId, slug, version }: Pick<KnownImport, 'policyId' | 'slug' | 'version'>) {
  return { id: publicId('policy', policyId), slug, version };
}

function emitChanges(tx: Tx, changed: readonly string[]): void {
  if (changed.length === 0) return;
  for (const policyId of changed) {
    const published: PolicyPublished = { policy_id: policyId };
    tx.emit({ topic: POLICY_PUBLISHED, payload: { ...published } });
  }
  const payload: PoliciesChanged = { policy_ids: [...changed] };
  tx.emit({ topic: POLICIES_CHANGED, payload: { ...payload } });
}

function answerOf(documents: ImportedDocument[], dryRun: boolean): ImportAnswer {
  const count = (which: (document: ImportedDocument) => boolean): number => documents.filter(which).length;
  return {
    dry_run: dryRun,
    summary: {
      imported: count(({ result }) => result === 'imported'),
      changed: count(({ changed }) => changed === true),
      skipped: count(({ result }) => result === 'skipped'),
      failed: count(({ result }) => result === 'failed'),
    },
    documents,
  };
}
