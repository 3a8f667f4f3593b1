import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  type Page,
  pageOfRows,
  parsePublicId,
  publicId,
  type Scope,
} from '#kernel';
import type { NamedPageQuery, PolicySetShape } from '#contracts';
import { Database } from '#platform';

interface SetRow {
  policy_set_id: string;
  slug: string;
  title: string;
  description: string;
  origin: PolicySetShape['origin'];
  revision: number;
  policies: PolicySetShape['policies'];
}

const SELECT = `
  select s.policy_set_id, s.slug, s.title, s.description, s.origin, s.revision,
    coalesce((select jsonb_agg(jsonb_build_object('policy', p.slug, 'instance', i.instance, 'parameters', i.parameters) order by p.slug, i.instance)
      from app.policy_set_item i join app.policy p on p.org_id = i.org_id and p.policy_id = i.policy_id
      where i.org_id = s.org_id and i.policy_set_id = s.policy_set_id), '[]') as policies
  from app.policy_set s where s.org_id = $1`;

/** Policy sets as screens and the API show them. */
@Injectable()
export class PolicySetsReadModel {
  constructor(private readonly database: Database) {}

  /** @returns sets by slug */
  async list(scope: Scope, query: NamedPageQuery): Promise<Page<PolicySetShape>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'slug', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<SetRow>(`${SELECT} and ($2::text is null or s.slug > $2) order by s.slug limit $3`, [
        scope.orgId,
        after,
        query.limit + 1,
      ]);
      return pageOfRows(rows, query.limit, (row) => encodeCursor('slug', [row.slug]), shapeOf);
    });
  }

  /**
   * @param idOrSlug public id or slug
   * @throws AppError `not_found`
   */
  async get(scope: Scope, idOrSlug: string): Promise<PolicySetShape> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<SetRow>(`${SELECT} and (s.policy_set_id = $2 or s.slug = $3)`, [
        scope.orgId,
        parsePublicId('policySet', idOrSlug),
        idOrSlug,
      ]);
      if (rows[0] === undefined) throw new AppError('not_found', 'There is no policy set with this id or slug.');
      return shapeOf(rows[0]);
    });
  }
}

function shapeOf({ policy_set_id: id, ...row }: SetRow): PolicySetShape {
  return { id: publicId('policySet', id), ...row };
}
