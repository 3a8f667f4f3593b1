import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { requirePublicId, systemScope, type Scope } from '#kernel';
import { listViolationsQuery, type ListViolations } from '#contracts';
import { ViolationsReadModel } from '#compliance';
import { FleetReadModel } from '#fleet';
import { Database, type Tx } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

const ROWS = 20_000;
/** Too large to be read whole for one page. */
const LARGE = ['violation', 'inventory_object', 'object_body', 'object_evaluation'];

/** Runs what a read model asks, and keeps the plan of each query, as the application's role sees it (P4). */
class ExplainedDatabase {
  readonly plans: string[] = [];

  constructor(private readonly database: Database) {}

  run<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.database.run(scope, (tx) => {
      const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
        const plan = await tx.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, parameters);
        this.plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
        return tx.query<Row>(sql, parameters);
      };
      return work(new Proxy(tx, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) }));
    });
  }

  /** @returns the large tables that were read from their beginning to their end */
  sequentialScans(): string[] {
    return this.plans.flatMap((plan) => LARGE.filter((table) => new RegExp(`Seq Scan on ${table}\\b`).test(plan)));
  }
}

describe('pages over twenty thousand rows', () => {
  let platform: TestPlatform;
  let scope: Scope;
  let clusterId: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const stranger = await platform.stranger();
    clusterId = (await TestAgent.enroll(platform, platform.owner, 'one')).clusterId;
    await TestAgent.enroll(platform, stranger, 'other');
    const organizations = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    for (const orgId of organizations) await fill(platform.app.get(Database), systemScope(orgId, 'test'));
    scope = systemScope(organizations[0] ?? '', 'test');
    const owner = new pg.Client({ connectionString: platform.database.logins.ownerUrl });
    await owner.connect();
    await owner.query('analyze');
    await owner.end();
  }, 120_000);
  afterAll(() => platform.stop());

  const explained = (): ExplainedDatabase => new ExplainedDatabase(platform.app.get(Database));

  it.each<[string, Partial<ListViolations>]>([
    ['the latest violations', {}],
    ['the worst violations', { sort: '-severity' }],
    ['the violations of a severity', { severity: 'high', sort: '-severity' }],
    ['pages of another size', { limit: 20 }],
  ])('%s come by an index, not by reading everything', async (_what, filters) => {
    const database = explained();
    const model = new ViolationsReadModel(database as unknown as Database);
    const query = listViolationsQuery.parse({ limit: 50, ...filters });
    const page = await model.list(scope, query);
    expect(page.items).toHaveLength(query.limit);
    const next = await model.list(scope, { ...query, cursor: page.next_cursor ?? undefined });
    expect(next.items).toHaveLength(query.limit);
    expect(database.sequentialScans()).toEqual([]);
  });

  it('the violations of one cluster, and its objects, come by an index', async () => {
    const database = explained();
    const violations = await new ViolationsReadModel(database as unknown as Database).list(
      scope,
      listViolationsQuery.parse({ cluster_id: clusterId }),
    );
    expect(violations.items).toHaveLength(50);
    const fleet = new FleetReadModel(database as unknown as Database);
    const objects = await fleet.objects(scope, requirePublicId('cluster', clusterId), { limit: 50 });
    expect(objects.items).toHaveLength(50);
    expect(database.sequentialScans()).toEqual([]);
  });
});

/** Objects with one open violation each, as many runs would have left them. */
async function fill(database: Database, scope: Scope): Promise<void> {
  await database.run(scope, async (tx) => {
    const key = [scope.orgId, tx.now];
    await tx.query(
      `insert into app.object_body (org_id, body_hash, normaliser, body) values ($1, '\\x01', 1, '\\x4bc94cce050000')`,
      [scope.orgId],
    );
    await tx.query(
      `insert into app.inventory_object (org_id, cluster_id, object_id, api_group, kind, namespace, name, api_version, body_hash, seen_epoch, present_since)
       select $1, c.cluster_id, gen_random_uuid(), '', 'Pod', 'team-' || n % 50, 'pod-' || n, 'v1', '\\x01', 1, $2
       from app.cluster c, generate_series(1, ${ROWS}) n where c.org_id = $1`,
      key,
    );
    await tx.query(
      `insert into app.violation (org_id, violation_id, cluster_id, object_id, check_id, disposition, fingerprint, policy_version, findings,
         findings_digest, severity, opened_at, since)
       select o.org_id, gen_random_uuid(), o.cluster_id, o.object_id, d.check_id, 'failing', '\\x00', 1, '[]', '\\x00',
         (row_number() over () % 5)::smallint, $2::timestamptz - row_number() over () * interval '1 second', $2
       from app.inventory_object o, (select min(check_id) as check_id from app.check_def where org_id = $1) d where o.org_id = $1`,
      key,
    );
  });
}
