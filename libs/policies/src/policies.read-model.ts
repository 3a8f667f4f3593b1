import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  type JsonObject,
  type Page,
  pageOfRows,
  parsePublicId,
  publicId,
  type Scope,
  severityOfRank,
  severityRank,
} from '#kernel';
import type { ListPolicies, PolicyDetail, PolicySummary } from '#contracts';
import type { PolicyMetadata } from '#engine';
import { Database } from '#platform';

interface PolicyRow {
  policy_id: string;
  slug: string;
  title: string;
  category: PolicySummary['category'];
  severity: number;
  origin: PolicySummary['origin'];
  status: PolicySummary['status'];
  version: number;
  kinds: string[];
  updated_at: Date;
}

const COLUMNS =
  'p.policy_id, p.slug, p.title, p.category, p.severity, p.origin, p.status, p.version, p.kinds, p.updated_at';

/** Policies as screens and the API show them. */
@Injectable()
export class PoliciesReadModel {
  constructor(private readonly database: Database) {}

  /** @returns policies by slug */
  async list(scope: Scope, query: ListPolicies): Promise<Page<PolicySummary>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'slug', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<PolicyRow>(
        `select ${COLUMNS} from app.policy p
         where p.org_id = $1 and ($2::text is null or p.slug > $2) and ($3::text is null or p.category = $3)
           and ($4::int is null or p.severity = $4) and ($5::text is null or p.origin = $5) and ($6::text is null or p.status = $6)
           and ($7::text is null or $7 = any(p.kinds)) and ($8::text is null or (p.slug >= $8 and p.slug < $8 || chr(1114111)))
         order by p.slug limit $9`,
        [
          scope.orgId,
          after,
          query.category ?? null,
          query.severity === undefined ? null : severityRank(query.severity),
          query.origin ?? null,
          query.status ?? null,
          query.kind ?? null,
          query.q ?? null,
          query.limit + 1,
        ],
      );
      return pageOfRows(rows, query.limit, (row) => encodeCursor('slug', [row.slug]), summaryOf);
    });
  }

  /**
   * @param idOrSlug public id or slug
   * @throws AppError `not_found`
   */
  async get(scope: Scope, idOrSlug: string): Promise<PolicyDetail> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<PolicyRow & { metadata: PolicyMetadata; policy_sets: string[] }>(
        `select ${COLUMNS}, v.metadata, array(
           select s.slug from app.policy_set s join app.policy_set_item i on i.org_id = s.org_id and i.policy_set_id = s.policy_set_id
           where i.org_id = p.org_id and i.policy_id = p.policy_id order by s.slug) as policy_sets
         from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id and v.version = p.version
         where p.org_id = $1 and (p.policy_id = $2 or p.slug = $3)`,
        [scope.orgId, parsePublicId('policy', idOrSlug), idOrSlug],
      );
      const row = rows[0];
      if (row === undefined) throw new AppError('not_found', 'There is no policy with this id or slug.');
      const { description, remediation, parameters, standards, related } = row.metadata;
      return {
        ...summaryOf(row),
        description,
        remediation,
        parameters_schema: parameters,
        standards: standards as unknown as JsonObject[],
        related: related as unknown as JsonObject[],
        policy_sets: row.policy_sets,
      };
    });
  }
}

function summaryOf(row: PolicyRow): PolicySummary {
  return {
    id: publicId('policy', row.policy_id),
    slug: row.slug,
    title: row.title,
    category: row.category,
    severity: severityOfRank(row.severity),
    origin: row.origin,
    status: row.status,
    version: row.version,
    kinds: row.kinds,
    updated_at: row.updated_at.toISOString(),
  };
}
