import { Injectable } from '@nestjs/common';
import { type AuditLine, type ChainFault, ChainWalk, GENESIS, type Scope } from '#kernel';
import type { AuditChainShape } from '#contracts';
import { Database, type ReadTx } from '#platform';

interface Head {
  seq: number;
  hash: Buffer;
}

/** Proves that nobody edited the audit log, or shows where somebody did. */
@Injectable()
export class AuditVerifyReadModel {
  constructor(private readonly database: Database) {}

  /**
   * Walks the whole chain, to the head that is kept beside it: lines that were cut off its end are missed too.
   * @param scope who asks
   * @param signal ends it
   */
  async verify(scope: Scope, signal: AbortSignal): Promise<AuditChainShape> {
    const walk = new ChainWalk();
    let entries = 0;
    let firstBad: ChainFault | undefined;
    let head: Head = { seq: 0, hash: GENESIS };
    const parts = this.database.stream(scope, signal, async function* (tx) {
      head = await loadHead(tx);
      yield* tx.chunks<AuditLine & { prev_hash: Buffer; hash: Buffer }>(
        `select org_id, seq, at, actor, action, subject, before, after, request_id, prev_hash, hash
         from app.audit_log where org_id = $1 order by seq`,
        [scope.orgId],
      );
    });
    for await (const rows of parts) {
      entries += rows.length;
      for (const { prev_hash: prevHash, hash, ...line } of rows) firstBad ??= walk.step({ line, prevHash, hash });
    }
    firstBad ??= endFault(walk, head);
    return {
      ok: firstBad === undefined,
      entries,
      head: { seq: head.seq, hash: head.hash.toString('hex') },
      ...(firstBad && { first_bad: firstBad }),
    };
  }
}

async function loadHead(tx: ReadTx): Promise<Head> {
  const rows = await tx.query<Head>('select seq, hash from app.audit_head where org_id = $1', [tx.scope.orgId]);
  return rows[0] ?? { seq: 0, hash: GENESIS };
}

/** @returns what is wrong with the end of a log whose lines follow from each other */
function endFault(walk: ChainWalk, head: Head): ChainFault | undefined {
  if (walk.seq < head.seq) return { seq: walk.seq + 1, reason: 'missing' };
  if (walk.seq > head.seq) return { seq: head.seq + 1, reason: 'unlinked' };
  return head.hash.equals(walk.hash) ? undefined : { seq: walk.seq, reason: 'unlinked' };
}
