import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import type { ImportAnswer } from '#contracts';
import { Database } from '#platform';
import { compileDrafts } from './import-compile.js';
import { convertDocuments } from './import-convert.rules.js';
import { type ImportFile, readImport } from './import-documents.rules.js';
import { type Binder, carryOut, type DraftOf, keysOf, type Planned } from './import-plan.store.js';
import { type Converted, draftDigest, type PolicyDraft, type Refusal, refusalOf } from './import.rules.js';
import { type CompiledDraft, type KnownImport, loadImports } from './import.store.js';
import { RegoCompilers } from './rego-compilers.js';

/** Undoes what was done to see what it would come to. */
class Rehearsed extends Error {
  constructor(readonly answer: ImportAnswer) {
    super('a rehearsal is over');
  }
}

/**
 * Policies of other engines: Gatekeeper's templates, Weave's policies, conftest's Rego. All that compile come in one
 * transaction, published; the same document again changes nothing.
 */
@Injectable()
export class ImportService {
  constructor(
    private readonly database: Database,
    private readonly compilers: RegoCompilers,
  ) {}

  /**
   * @param files in their order
   * @param bind makes what binds the policies, in the same transaction
   * @param dryRun whether only to say what would be done
   * @returns what became of each document
   * @throws AppError `unprocessable`, `quota_exceeded`, `conflict` where somebody imported the same meanwhile,
   *   `too_many_requests`, `invalid_parameters` where a binding's parameters are none of a new version's: then nothing is
   *   imported
   */
  async import(scope: Scope, files: readonly ImportFile[], bind: Binder, dryRun: boolean): Promise<ImportAnswer> {
    const converted = convertDocuments(await readImport(files));
    const known = await this.database.run(scope, (tx) => loadImports(tx, keysOf(converted)));
    const planned = planAll(converted, known);
    const waiting = planned.flatMap((plan) => (plan.as === 'waiting' ? [plan.converted.draft] : []));
    const compiled = await compileDrafts(this.compilers, scope.orgId, waiting);
    const settled = planned.map((plan): Planned =>
      plan.as === 'waiting' ? withResult(plan.converted, compiled) : plan,
    );
    try {
      return await this.database.run(scope, async (tx) => {
        const answer = await carryOut(tx, settled, bind, dryRun);
        if (dryRun) throw new Rehearsed(answer);
        return answer;
      });
    } catch (error) {
      if (error instanceof Rehearsed) return error.answer;
      throw error;
    }
  }
}

/** What there is to compile waits for it. */
function planAll(
  converted: readonly Converted[],
  known: ReadonlyMap<string, KnownImport>,
): (Planned | { converted: DraftOf; as: 'waiting' })[] {
  const first = new Map<string, DraftOf>();
  return converted.map((document) => {
    if (document.as === 'binding') return { converted: document, as: 'binding' };
    if (document.as !== 'policy') return { converted: document, as: document.as, reason: document.reason };
    const { draft } = document;
    const digest = draftDigest(draft);
    const other = first.get(draft.importKey);
    if (other !== undefined) return { converted: document, ...duplicateOf(other, digest) };
    first.set(draft.importKey, document);
    const before = known.get(draft.importKey);
    if (before?.status === 'archived')
      return { converted: document, as: 'skipped', reason: `its policy "${before.slug}" was archived here, for good` };
    return { converted: document, as: before?.importDigest?.equals(digest) === true ? 'known' : 'waiting' };
  });
}

function withResult(converted: DraftOf, compiled: ReadonlyMap<PolicyDraft, CompiledDraft | Refusal>): Planned {
  const result = compiled.get(converted.draft) ?? refusalOf([]);
  return 'reason' in result ? { converted, ...result } : { converted, as: 'compiled', compiled: result };
}

function duplicateOf(first: DraftOf, digest: Buffer): Refusal {
  const { index } = first.document;
  if (draftDigest(first.draft).equals(digest)) return { as: 'skipped', reason: `the same as document ${index}` };
  return { as: 'failed', reason: `document ${index} has this name too, and says something else` };
}
