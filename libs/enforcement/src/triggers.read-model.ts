import { Injectable } from '@nestjs/common';
import { AppError, decodeCursor, encodeCursor, type Page, pageOfRows, publicId, type Scope } from '#kernel';
import type { NamedPageQuery, TriggerShape, TriggerType } from '#contracts';
import { Database } from '#platform';

interface TriggerRow extends Pick<
  TriggerShape,
  'name' | 'type' | 'cron' | 'time_zone' | 'jitter_seconds' | 'revision'
> {
  trigger_id: string;
  next_due_at: Date | null;
  last_fired_at: Date | null;
}

const SELECT = `
  select trigger_id, name, type, cron, time_zone, jitter_seconds, next_due_at, last_fired_at, revision
  from app.trigger where org_id = $1`;

/** Types that are stored, and that nothing acts on yet. */
const UNSERVED: ReadonlySet<TriggerType> = new Set(['admission']);

/** @returns whether anything acts on triggers of that type */
export function isServed(type: TriggerType): boolean {
  return !UNSERVED.has(type);
}

/** Triggers as screens and the API show them. */
@Injectable()
export class TriggersReadModel {
  constructor(private readonly database: Database) {}

  /** @returns triggers by name */
  async list(scope: Scope, query: NamedPageQuery): Promise<Page<TriggerShape>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'name', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<TriggerRow>(`${SELECT} and ($2::text is null or name > $2) order by name limit $3`, [
        scope.orgId,
        after,
        query.limit + 1,
      ]);
      return pageOfRows(rows, query.limit, (row) => encodeCursor('name', [row.name]), shapeOf);
    });
  }

  /**
   * @param triggerId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, triggerId: string): Promise<TriggerShape> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<TriggerRow>(`${SELECT} and trigger_id = $2`, [scope.orgId, triggerId]);
      if (rows[0] === undefined) throw new AppError('not_found', 'There is no trigger with this id.');
      return shapeOf(rows[0]);
    });
  }
}

function shapeOf({ trigger_id: id, next_due_at: due, last_fired_at: fired, ...row }: TriggerRow): TriggerShape {
  return {
    id: publicId('trigger', id),
    ...row,
    next_due_at: due?.toISOString() ?? null,
    last_fired_at: fired?.toISOString() ?? null,
    served: isServed(row.type),
  };
}
