import { Injectable } from '@nestjs/common';
import {
  type Actor,
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
import {
  INT_MAX,
  type ListPolicies,
  type NamedPageQuery,
  type PolicyCase,
  type PolicyDetail,
  type PolicyDiff,
  type PolicyDiffQuery,
  type PolicySummary,
  type PolicyVersionDetail,
  type PolicyVersionShape,
} from '#contracts';
import type { Dialect, LibrarySource, PolicyMetadata, RegoVersion } from '#engine';
import { Database, type Tx } from '#platform';
import { diffVersions } from './policy-diff.rules.js';
import { countOwn } from './own-policies.read-model.js';

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

  /** @returns how many policies of its own the organization has, as its quota counts them */
  async countOwn(scope: Scope): Promise<number> {
    return this.database.run(scope, countOwn);
  }

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
      const rows = await tx.query<DetailRow>(DETAIL, [scope.orgId, parsePublicId('policy', idOrSlug), idOrSlug]);
      if (rows[0] === undefined) throw new AppError('not_found', 'There is no policy with this id or slug.');
      return detailOf(rows[0]);
    });
  }

  /** @returns what all policies say of themselves, in the version that acts, by slug */
  async metadata(scope: Scope): Promise<Map<string, PolicyMetadata>> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<{ slug: string; metadata: PolicyMetadata }>(
        `select p.slug, v.metadata from app.policy p
           join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id and v.version = p.version
         where p.org_id = $1`,
        [scope.orgId],
      );
      return new Map(rows.map(({ slug, metadata }) => [slug, metadata]));
    });
  }

  /**
   * @param policyId UUID
   * @returns its versions, the latest first
   * @throws AppError `not_found`
   */
  async versions(scope: Scope, policyId: string, query: NamedPageQuery): Promise<Page<PolicyVersionShape>> {
    const before = query.cursor === undefined ? null : decodeCursor(query.cursor, '-version', ['integer'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<VersionRow>(
        `${VERSION} and ($3::int is null or v.version < $3) order by v.version desc limit $4`,
        [scope.orgId, policyId, before, query.limit + 1],
      );
      if (rows.length === 0 && before === null) throw new AppError('not_found', 'There is no policy with this id.');
      return pageOfRows(rows, query.limit, (row) => encodeCursor('-version', [row.version]), versionOf);
    });
  }

  /**
   * @param policyId UUID
   * @returns one version with its Rego; that of built-in ones comes with the platform, and is null here
   * @throws AppError `not_found`
   */
  async version(scope: Scope, policyId: string, version: number): Promise<PolicyVersionDetail> {
    return this.database.run(scope, async (tx) => detailOfVersion(await loadVersionRow(tx, policyId, version)));
  }

  /**
   * @param policyId UUID
   * @param range two versions; from the one that acts to the latest unless given
   * @throws AppError `not_found`
   */
  async diff(scope: Scope, policyId: string, range: PolicyDiffQuery): Promise<PolicyDiff> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<{ from: number; to: number }>(
        `select coalesce($3::int, p.version) as "from", coalesce($4::int, (
           select max(version) from app.policy_version where org_id = p.org_id and policy_id = p.policy_id)) as "to"
         from app.policy p where p.org_id = $1 and p.policy_id = $2`,
        [scope.orgId, policyId, range.from ?? null, range.to ?? null],
      );
      if (rows[0] === undefined) throw new AppError('not_found', 'There is no policy with this id.');
      const from = detailOfVersion(await loadVersionRow(tx, policyId, rows[0].from));
      return diffVersions(from, detailOfVersion(await loadVersionRow(tx, policyId, rows[0].to)));
    });
  }
}

interface DetailRow extends PolicyRow {
  metadata: PolicyMetadata;
  policy_sets: string[];
  latest_version: number;
  quarantine: PolicyDetail['quarantine'];
  source: string | null;
  revision: number;
}

const DETAIL = `
  select ${COLUMNS}, p.revision, p.source, v.metadata, array(
      select s.slug from app.policy_set s join app.policy_set_item i on i.org_id = s.org_id and i.policy_set_id = s.policy_set_id
      where i.org_id = p.org_id and i.policy_id = p.policy_id order by s.slug) as policy_sets,
    (select max(l.version) from app.policy_version l where l.org_id = p.org_id and l.policy_id = p.policy_id) as latest_version,
    (select jsonb_build_object('version', q.version, 'reason', q.reason, 'since', to_char(q.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      from app.policy_quarantine q where q.org_id = p.org_id and q.policy_id = p.policy_id and q.version = p.version) as quarantine
  from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id and v.version = p.version
  where p.org_id = $1 and (p.policy_id = $2 or p.slug = $3)`;

function detailOf(row: DetailRow): PolicyDetail {
  const { description, remediation, parameters, standards, related, expand, admission } = row.metadata;
  return {
    ...summaryOf(row),
    description,
    remediation,
    parameters_schema: parameters,
    standards: standards as unknown as JsonObject[],
    related: related as unknown as JsonObject[],
    policy_sets: row.policy_sets,
    expand,
    admission,
    latest_version: row.latest_version,
    quarantine: row.quarantine,
    source: row.source,
    revision: row.revision,
  };
}

interface VersionRow {
  version: number;
  acting: boolean;
  author: Actor | null;
  note: string | null;
  created_at: Date;
  published_at: Date | null;
  rego: string | null;
  tests: string | null;
  cases: PolicyCase[];
  metadata: PolicyMetadata;
  dialect: Dialect;
  rego_version: RegoVersion;
  libs: LibrarySource[];
}

const VERSION = `
  select v.version, v.version = p.version and p.status in ('published', 'deprecated') as acting, v.author, v.note, v.created_at,
    v.published_at, v.rego, v.tests, v.cases, v.metadata, v.dialect, v.rego_version, v.libs
  from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id
  where p.org_id = $1 and p.policy_id = $2`;

async function loadVersionRow(tx: Tx, policyId: string, version: number): Promise<VersionRow> {
  const asked = [tx.scope.orgId, policyId, version];
  const rows = Math.abs(version) > INT_MAX ? [] : await tx.query<VersionRow>(`${VERSION} and v.version = $3`, asked);
  if (rows[0] === undefined) throw new AppError('not_found', `The policy has no version ${version}.`);
  return rows[0];
}

function detailOfVersion(row: VersionRow): PolicyVersionDetail {
  const { rego, tests, cases, dialect, rego_version, libs } = row;
  return {
    ...versionOf(row),
    rego,
    dialect,
    rego_version,
    libs,
    tests,
    cases,
    metadata: row.metadata as unknown as JsonObject,
  };
}

function versionOf(row: VersionRow): PolicyVersionShape {
  return {
    version: row.version,
    acting: row.acting,
    author: row.author === null ? null : { type: row.author.type, id: row.author.id },
    note: row.note,
    created_at: row.created_at.toISOString(),
    published_at: row.published_at?.toISOString() ?? null,
  };
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
