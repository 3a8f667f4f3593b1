import { Injectable } from '@nestjs/common';
import { AppError, decodeCursor, encodeCursor, pageOfRows, publicId, type Page, type Scope } from '#kernel';
import type { validationSummarySchema, ValidationResult } from '#contracts';
import { Database } from '#platform';
import type { z } from 'zod';
import type { ValidationTrigger } from './rules-in-force.service.js';
import { unpackAnswer, wholeAnswer } from './validation-answer.rules.js';

type ValidationSummary = z.infer<typeof validationSummarySchema>;

interface ValidationRow {
  validation_id: string;
  at: Date;
  trigger: ValidationTrigger;
  decision: ValidationResult['decision'];
  fail_on: ValidationResult['fail_on'];
  context: ValidationSummary['context'];
  summary: ValidationResult['summary'];
}

/** Validations that were kept. */
@Injectable()
export class ValidationsReadModel {
  constructor(private readonly database: Database) {}

  /** @returns validations, the latest first, without their violations */
  async list(scope: Scope, query: { limit: number; cursor?: string | undefined }): Promise<Page<ValidationSummary>> {
    const [at, id] = query.cursor === undefined ? [null, null] : decodeCursor(query.cursor, '-at', ['time', 'uuid']);
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<ValidationRow>(
        `select validation_id, at, trigger, decision, fail_on, context, summary from app.validation
         where org_id = $1 and ($2::timestamptz is null or (at, validation_id) < ($2, $3::uuid))
         order by at desc, validation_id desc limit $4`,
        [scope.orgId, at, id, query.limit + 1],
      );
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('-at', [row.at.toISOString(), row.validation_id]),
        summaryOf,
      );
    });
  }

  /**
   * @param validationId UUID
   * @returns what was answered then, as JSON in UTF-8
   * @throws AppError `not_found`
   */
  async get(scope: Scope, validationId: string): Promise<Buffer> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<Omit<ValidationRow, 'trigger'> & { answer: Buffer }>(
        'select validation_id, at, decision, fail_on, context, summary, answer from app.validation where org_id = $1 and validation_id = $2',
        [scope.orgId, validationId],
      );
      const row = rows[0];
      if (row === undefined) throw new AppError('not_found', 'There is no validation with this id.');
      const { decision, fail_on, summary, answer } = row;
      const id = publicId('validation', row.validation_id);
      return wholeAnswer({ id, decision, fail_on, summary }, await unpackAnswer(answer));
    });
  }
}

function summaryOf(row: ValidationRow): ValidationSummary {
  return {
    id: publicId('validation', row.validation_id),
    at: row.at.toISOString(),
    trigger: row.trigger,
    decision: row.decision,
    fail_on: row.fail_on,
    summary: row.summary,
    context: row.context,
  };
}
