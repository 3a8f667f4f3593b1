import { Injectable } from '@nestjs/common';
import type { BoundDocument } from '#policies';
import type { Tx } from '#platform';
import { requireRoom } from './binding.store.js';
import { numberChecks } from './checks.store.js';
import { ENFORCEMENT_CHANGED, type EnforcementChanged } from './enforcement.events.js';
import { convertBindings, type ForeignBinding } from './import-bindings.rules.js';
import { beginImport, writeDocument, type WrittenBindings } from './import-bindings.store.js';
import type { ConvertedBindings } from './import-conversion.js';
import { writeSets } from './import-sets.store.js';

/** Writes the bindings of imported documents. */
@Injectable()
export class ImportBindings {
  /**
   * Makes what documents of other engines say of where their policies apply.
   * @param tx in which their policies were written
   * @param documents of one import
   * @returns what became of each, in their order
   * @throws as `write`
   */
  async carryOut(tx: Tx, documents: readonly ForeignBinding[]): Promise<BoundDocument[]> {
    const converted = convertBindings(documents);
    const sets = await writeSets(
      tx,
      converted.flatMap((one) => (one.as === 'set' ? [one] : [])),
    );
    const written = await this.write(
      tx,
      converted.flatMap((one) => (one.as === 'bindings' ? [one] : [])),
    );
    return converted.map((one): BoundDocument => {
      if (one.as === 'skipped') return { result: 'skipped', reason: one.reason, notes: [] };
      const { notes } = one;
      if (one.as === 'heard') return { result: 'imported', changed: false, notes };
      if (one.as === 'set') return { result: 'imported', changed: sets.get(one.key) === true, notes };
      const { as: _as, ...outcome } = written.get(one.key) ?? { as: 'failed', reason: 'it was not written' };
      return 'reason' in outcome
        ? { result: 'failed', ...outcome, notes: [] }
        : { result: 'imported', ...outcome, notes };
    });
  }

  /**
   * Makes targets, triggers and bindings as documents ask for them, or makes those of an earlier import so: what is the
   * same is left alone, what a document does not ask for any more is ended.
   * @param tx in which their policies were written; afterwards all of it commits, or none
   * @param documents of which no two have one key
   * @returns what became of each by its key
   * @throws AppError `quota_exceeded` where there are more bindings than can be judged by
   */
  async write(tx: Tx, documents: readonly ConvertedBindings[]): Promise<Map<string, WrittenBindings>> {
    const all = await beginImport(tx, documents);
    const written = new Map<string, WrittenBindings>();
    for (const document of documents) written.set(document.key, await writeDocument(all, document));
    if (all.conditions.length > 0) {
      await requireRoom(tx);
      await numberChecks(tx);
      const payload: EnforcementChanged = { conditions: all.conditions };
      tx.emit({ topic: ENFORCEMENT_CHANGED, payload: { ...payload } });
    }
    return written;
  }
}
