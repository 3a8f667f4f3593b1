import { AppError, publicId } from '#kernel';
import type { ImportAnswer, ImportedDocument } from '#contracts';
import type { Tx } from '#platform';
import { type Converted, draftDigest } from './import.rules.js';
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

const BINDING_NOTE = 'where it applies and whether it is enforced is for a binding to say';

export type DraftOf = Extract<Converted, { as: 'policy' }>;

/** A document on its way to its result. */
export type Planned =
  | { converted: Converted; as: 'skipped' | 'failed'; reason: string }
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
 * @param dryRun whether the transaction will be undone: what would be made is told without an id
 * @throws AppError `quota_exceeded`, `conflict`
 */
export async function carryOut(tx: Tx, planned: readonly Planned[], dryRun: boolean): Promise<ImportAnswer> {
  const keys = keysOf(planned.map(({ converted }) => converted));
  await lockImports(tx, keys);
  const known = await loadImports(tx, keys);
  const before = await actingBytes(tx);
  const added = planned.filter((plan) => plan.as === 'compiled' && !known.has(plan.compiled.draft.importKey));
  const settling: Settling = { known, taken: await takenSlugs(tx, added.length), changed: [], dryRun };
  const documents: ImportedDocument[] = [];
  for (const plan of planned.filter(isTold)) documents.push(await settle(tx, plan, settling));
  await requireRoomForActing(tx, before);
  emitChanges(tx, settling.changed);
  return answerOf(documents, dryRun);
}

/** Where a Weave policy applies stands in the policy's own document, which is told of already. */
function isTold({ converted }: Planned): boolean {
  return converted.as !== 'binding' || converted.draft.from !== 'weave-policy';
}

async function settle(tx: Tx, plan: Planned, settling: Settling): Promise<ImportedDocument> {
  const { document, kind, name, notes } = plan.converted;
  const { index, path } = document;
  const about = { index, ...(path !== undefined && { path }), kind, name };
  if ('reason' in plan) return { ...about, result: plan.as, reason: plan.reason, notes: [] };
  const { draft } = plan.converted;
  const found = settling.known.get(draft.importKey);
  const told = draft.dialect === 'weave' ? [...notes, BINDING_NOTE] : notes;
  if (found?.importDigest?.equals(draftDigest(draft)) === true)
    return { ...about, result: 'imported', policy: shapeOf(found), changed: false, notes: told };
  if (plan.as === 'known' || found?.status === 'archived')
    throw new AppError('conflict', 'The same was imported, or archived, in this moment: import it again.');
  const { editedHere, ...saved } = await saveDraft(tx, plan.compiled, found, settling.taken);
  settling.changed.push(saved.policyId);
  const policy = { ...shapeOf(saved), ...(settling.dryRun && found === undefined && { id: null }) };
  const edited = editedHere ? ['what was changed here since it was last imported is in its earlier versions'] : [];
  return { ...about, result: 'imported', policy, changed: true, notes: [...told, ...edited] };
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
