import { Injectable } from '@nestjs/common';
import { publicId, type Scope, uuidV7 } from '#kernel';
import type { ValidateEnvelope, ValidationResult } from '#contracts';
import type { UnkeptResult } from '#judging';
import { Database, type Tx } from '#platform';
import type { ValidationTrigger } from './rules-in-force.service.js';
import { bytesOf, packAnswer, wholeAnswer } from './validation-answer.rules.js';

/** Answers that are written in one transaction. */
const TOGETHER_MAX = 100;

/** One answer that is to be kept. */
export interface ValidationRecord {
  result: UnkeptResult;
  context: NonNullable<ValidateEnvelope['context']>;
  /** UUID of the cluster that was named. */
  clusterId?: string | undefined;
  trigger: ValidationTrigger;
}

/** A validation that was kept. */
export interface KeptValidation {
  result: ValidationResult;
  /** The same as JSON, in UTF-8: written out once. */
  json: Buffer;
}

interface Waiting extends ValidationRecord {
  scope: Scope;
  answer: Buffer;
  kept(id: string): void;
  failed(error: unknown): void;
}

/**
 * Keeps what was answered. Those of an organization that come while others are being written wait for them, and are written
 * together: one commit for many, and none later than it would have been alone.
 */
@Injectable()
export class ValidationRecords {
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(private readonly database: Database) {}

  /**
   * @param scope who validated
   * @returns the answer with its id, once it is kept
   */
  async keep(scope: Scope, record: ValidationRecord): Promise<KeptValidation> {
    const { decision, fail_on, summary, ...body } = record.result;
    const written = await bytesOf(body);
    const id = await this.waitFor(scope, record, await packAnswer(written));
    return { result: { id, ...record.result }, json: wholeAnswer({ id, decision, fail_on, summary }, written) };
  }

  private waitFor(scope: Scope, record: ValidationRecord, answer: Buffer): Promise<string> {
    return new Promise((kept, failed) => {
      const one: Waiting = { ...record, scope, answer, kept, failed };
      const others = this.waiting.get(scope.orgId);
      if (others !== undefined) {
        others.push(one);
        return;
      }
      this.waiting.set(scope.orgId, [one]);
      void this.writeAll(scope.orgId);
    });
  }

  private async writeAll(orgId: string): Promise<void> {
    for (let next = this.take(orgId); next.length > 0; next = this.take(orgId)) await this.write(next);
    this.waiting.delete(orgId);
  }

  private take(orgId: string): Waiting[] {
    return this.waiting.get(orgId)?.splice(0, TOGETHER_MAX) ?? [];
  }

  private async write(records: readonly Waiting[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    try {
      const ids = await this.database.run(first.scope, (tx) => insertValidations(tx, records));
      for (const [index, one] of records.entries()) one.kept(publicId('validation', ids[index] ?? ''));
    } catch (error) {
      for (const one of records) one.failed(error);
    }
  }
}

async function insertValidations(tx: Tx, records: readonly Waiting[]): Promise<string[]> {
  const ids = records.map(() => uuidV7(tx.now.getTime()));
  await tx.query(
    `insert into app.validation (org_id, validation_id, at, actor, decision, fail_on, cluster_id, trigger, context, repository, ref, summary, answer)
     select $1, r.validation_id, $2, r.actor, r.decision, r.fail_on, r.cluster_id, r.trigger, r.context, r.context ->> 'repository', r.context ->> 'ref', r.summary, r.answer
     from unnest($3::uuid[], $4::jsonb[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::jsonb[], $10::jsonb[], $11::bytea[])
       as r (validation_id, actor, decision, fail_on, cluster_id, trigger, context, summary, answer)`,
    [
      tx.scope.orgId,
      tx.now,
      ids,
      records.map(({ scope }) => JSON.stringify(scope.actor)),
      records.map(({ result }) => result.decision),
      records.map(({ result }) => result.fail_on),
      records.map(({ clusterId }) => clusterId ?? null),
      records.map(({ trigger }) => trigger),
      records.map(({ context }) => JSON.stringify(context)),
      records.map(({ result }) => JSON.stringify(result.summary)),
      records.map(({ answer }) => answer),
    ],
  );
  return ids;
}
