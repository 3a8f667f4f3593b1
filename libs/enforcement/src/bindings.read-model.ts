import { Injectable } from '@nestjs/common';
import { AppError, decodeCursor, encodeCursor, type Page, pageOfRows, publicId, type Scope } from '#kernel';
import type { BindingConflict, BindingShape, NamedPageQuery, TriggerType } from '#contracts';
import type { EffectiveBinding } from '#decision';
import { Database, type Tx } from '#platform';
import { type Conflict, conflictsOf } from './conflict.rules.js';
import { loadBindings } from './effective-bindings.read-model.js';
import { isServed } from './triggers.read-model.js';

interface BindingRow extends Pick<
  BindingShape,
  | 'name'
  | 'policies'
  | 'policy_set'
  | 'parameters'
  | 'enforcement'
  | 'on_error'
  | 'priority'
  | 'pin'
  | 'waiting'
  | 'revision'
> {
  binding_id: string;
  target_id: string;
  triggers: { id: string; type: TriggerType }[];
}

/** What waits: members whose acting version is newer than the one that the pin stands for, and members that came later. */
const SELECT = `
  select b.binding_id, b.name, b.target_id, b.parameters, b.enforcement, b.on_error, b.priority, b.pin, b.revision, s.slug as policy_set,
    case when b.policy_set_id is null then coalesce((
      select jsonb_agg(jsonb_build_object('policy', p.slug, 'instance', i.instance, 'parameters', i.parameters) order by p.slug, i.instance)
      from app.binding_item i join app.policy p on p.org_id = i.org_id and p.policy_id = i.policy_id
      where i.org_id = b.org_id and i.binding_id = b.binding_id), '[]') end as policies,
    coalesce((select jsonb_agg(jsonb_build_object('id', g.trigger_id, 'type', g.type) order by g.name)
      from app.binding_trigger bt join app.trigger g on g.org_id = bt.org_id and g.trigger_id = bt.trigger_id
      where bt.org_id = b.org_id and bt.binding_id = b.binding_id), '[]') as triggers,
    coalesce((select jsonb_agg(jsonb_build_object('policy', p.slug, 'from', coalesce((b.pinned -> 'versions' ->> p.policy_id::text)::int, 0), 'to', p.version)
        order by p.slug)
      from app.policy p where p.org_id = b.org_id and p.origin = 'builtin' and b.pinned is not null
        and p.version > coalesce((b.pinned -> 'versions' ->> p.policy_id::text)::int, 0)
        and p.policy_id in (
          select i.policy_id from app.binding_item i where i.org_id = b.org_id and i.binding_id = b.binding_id
          union select i.policy_id from app.policy_set_item i where i.org_id = b.org_id and i.policy_set_id = b.policy_set_id)), '[]') as waiting
  from app.binding b left join app.policy_set s on s.org_id = b.org_id and s.policy_set_id = b.policy_set_id
  where b.org_id = $1`;

/** Bindings as screens and the API show them, with what contradicts them. */
@Injectable()
export class BindingsReadModel {
  constructor(private readonly database: Database) {}

  /** @returns bindings by name */
  async list(scope: Scope, query: NamedPageQuery): Promise<Page<BindingShape>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'name', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<BindingRow>(
        `${SELECT} and ($2::text is null or b.name > $2) order by b.name limit $3`,
        [scope.orgId, after, query.limit + 1],
      );
      const shape = await shaping(tx);
      return pageOfRows(rows, query.limit, (row) => encodeCursor('name', [row.name]), shape);
    });
  }

  /**
   * @param bindingId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, bindingId: string): Promise<BindingShape> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<BindingRow>(`${SELECT} and b.binding_id = $2`, [scope.orgId, bindingId]);
      if (rows[0] === undefined) throw new AppError('not_found', 'There is no binding with this id.');
      return (await shaping(tx))(rows[0]);
    });
  }
}

async function shaping(tx: Tx): Promise<(row: BindingRow) => BindingShape> {
  const all = await loadBindings(tx, 'all');
  const byId = new Map(all.map((binding) => [binding.bindingId, binding]));
  return (row) => shapeOf(row, byId.get(row.binding_id), all);
}

function shapeOf(
  { binding_id: id, target_id: targetId, triggers, ...row }: BindingRow,
  effective: EffectiveBinding | undefined,
  all: readonly EffectiveBinding[],
): BindingShape {
  const unserved = triggers.map(({ type }) => type).filter((type) => !isServed(type));
  return {
    id: publicId('binding', id),
    ...row,
    target_id: publicId('target', targetId),
    trigger_ids: triggers.map((trigger) => publicId('trigger', trigger.id)),
    unserved_triggers: [...new Set(unserved)],
    conflicts: effective === undefined ? [] : conflictsOf(effective, all).map(conflictShape),
  };
}

function conflictShape({ slug, instance, other, differs, wins, because }: Conflict): BindingConflict {
  return {
    policy: slug,
    instance,
    other: { id: publicId('binding', other.bindingId), name: other.name },
    differs,
    wins,
    because,
  };
}
