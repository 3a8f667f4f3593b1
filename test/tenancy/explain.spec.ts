import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { requirePublicId, systemScope, type Scope } from '#kernel';
import { listViolationsQuery, type ListViolations } from '#contracts';
import { ComplianceReadModel, ViolationsReadModel } from '#compliance';
import { foundBefore, openInCluster, RunLedger, RunsReadModel, ValidationsReadModel } from '#evaluation';
import { FleetReadModel, ObjectsReadModel } from '#fleet';
import { Database, type Tx } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { ExplainedDatabase } from '../support/explained-database.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

const ROWS = 20_000;
/** Too large to be read whole for one page. */
const LARGE = [
  'violation',
  'inventory_object',
  'object_body',
  'object_evaluation',
  'compliance_head',
  'validation',
  'run',
  'audit_log',
  'outbox',
];
/** What a small organization has beside two large ones. */
const FEW = 200;

describe('pages over twenty thousand rows', () => {
  let platform: TestPlatform;
  let scope: Scope;
  let clusterId: string;
  let small: Scope;
  let smallClusterId: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const stranger = await platform.stranger();
    clusterId = (await TestAgent.enroll(platform, platform.owner, 'one')).clusterId;
    await TestAgent.enroll(platform, stranger, 'other');
    const organizations = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    const database = platform.app.get(Database);
    for (const orgId of organizations) await fill(database, systemScope(orgId, 'test'), ROWS);
    scope = systemScope(organizations[0] ?? '', 'test');
    const third = await platform.stranger('initech');
    smallClusterId = (await TestAgent.enroll(platform, third, 'small')).clusterId;
    const every = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    small = systemScope(every.find((orgId) => !organizations.includes(orgId)) ?? '', 'test');
    await fill(database, small, FEW);
    const owner = new pg.Client({ connectionString: platform.database.logins.ownerUrl });
    await owner.connect();
    await owner.query('analyze');
    await owner.end();
  }, 120_000);
  afterAll(() => platform.stop());

  const explained = (): ExplainedDatabase => new ExplainedDatabase(platform.app.get(Database), LARGE);

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
    expect(database.wholeSorts().filter((plan) => plan.includes('violation'))).toEqual([]);
  });

  it('the violations of one cluster, and its objects, come by an index', async () => {
    const database = explained();
    const violations = await new ViolationsReadModel(database as unknown as Database).list(
      scope,
      listViolationsQuery.parse({ cluster_id: clusterId }),
    );
    expect(violations.items).toHaveLength(50);
    const model = new ObjectsReadModel(database as unknown as Database);
    const objects = await model.list(scope, requirePublicId('cluster', clusterId), { limit: 50 });
    expect(objects.items).toHaveLength(50);
    expect(database.sequentialScans()).toEqual([]);
  });

  it.each<[string, Partial<ListViolations>]>([
    ['in a namespace', { namespace: 'team-7' }],
    ['of a policy', { policy: 'no-latest-tag' }],
    ['whose object’s name begins so', { q: 'pod-1' }],
    ['that are resolved', { state: 'resolved' }],
    ['that came back', { state: 'regressed' }],
    ['in a span of time', { from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }],
  ])('the violations %s come by an index', async (_what, filters) => {
    const database = explained();
    const model = new ViolationsReadModel(database as unknown as Database);
    await model.list(scope, listViolationsQuery.parse(filters));
    expect(database.plans.length).toBeGreaterThan(0);
    expect(database.sequentialScans()).toEqual([]);
  });

  it('what a validation is compared with comes by an index', async () => {
    const database = explained();
    await database.run(scope, (tx) => foundBefore(tx, { repository: 'shop/7', ref: 'main' }));
    const posted = Array.from({ length: 50 }, (_, n) => ({
      group: 'apps',
      kind: 'Deployment',
      namespace: 'shop',
      name: `web-${n}`,
    }));
    await database.run(scope, (tx) => openInCluster(tx, requirePublicId('cluster', clusterId), posted));
    expect([...database.sequentialScans(), ...database.wholeSorts()]).toEqual([]);
  });

  it('validations come by an index, the latest first', async () => {
    const database = explained();
    const validations = new ValidationsReadModel(database as unknown as Database);
    const page = await validations.list(scope, { limit: 50 });
    expect(page.items).toHaveLength(50);
    expect((await validations.list(scope, { limit: 50, cursor: page.next_cursor ?? undefined })).items).toHaveLength(
      50,
    );
    expect(database.plans.length).toBeGreaterThan(0);
    expect([database.sequentialScans(), database.wholeSorts()]).toEqual([[], []]);
  });

  it('runs come by an index, the latest first, of all clusters and of one', async () => {
    const database = explained();
    const runs = new RunsReadModel(database as unknown as Database, platform.app.get(RunLedger));
    const page = await runs.list(scope, { limit: 50 });
    expect(page.items).toHaveLength(50);
    const next = await runs.list(scope, { limit: 50, cursor: page.next_cursor ?? undefined, cluster_id: clusterId });
    expect(next.items).toHaveLength(50);
    expect(database.plans.length).toBeGreaterThan(1);
    expect([database.sequentialScans(), database.wholeSorts()]).toEqual([[], []]);
  });

  it('a small organization’s numbers are not found by reading the large ones’: compliance, lists, objects', async () => {
    const database = explained();
    const compliance = new ComplianceReadModel(database as unknown as Database);
    const seen = await compliance.get(small, {});
    expect([seen.counts.fail, seen.objects.total]).toEqual([FEW, FEW]);
    await compliance.get(small, { cluster_id: smallClusterId, policy: 'no-latest-tag' });
    const violations = new ViolationsReadModel(database as unknown as Database);
    expect((await violations.list(small, listViolationsQuery.parse({ limit: 500 }))).items).toHaveLength(FEW);
    const fleet = new FleetReadModel(database as unknown as Database);
    await fleet.clusters(small, { limit: 50 });
    await new ObjectsReadModel(database as unknown as Database).list(
      small,
      requirePublicId('cluster', smallClusterId),
      {
        limit: 500,
        namespace: 'team-1',
        q: 'pod',
      },
    );
    expect(database.plans.length).toBeGreaterThan(6);
    expect(database.sequentialScans()).toEqual([]);
  });

  it('compliance of one cluster reads that cluster’s rows', async () => {
    const database = explained();
    const compliance = new ComplianceReadModel(database as unknown as Database);
    expect((await compliance.get(scope, { cluster_id: clusterId })).counts.fail).toBe(ROWS);
    expect(database.sequentialScans()).not.toContain('compliance_head');
  });
});

/** Objects with one open violation each, as many runs would have left them. */
async function fill(database: Database, scope: Scope, objects: number): Promise<void> {
  await database.run(scope, async (tx) => {
    const key = [scope.orgId, tx.now];
    await tx.query(
      `insert into app.object_body (org_id, body_hash, normaliser, body)
       select $1, sha256(n::text::bytea), 1, '\\x4bc94cce050000' from generate_series(1, ${objects}) n`,
      [scope.orgId],
    );
    await tx.query(
      `insert into app.inventory_object (org_id, cluster_id, object_id, api_group, kind, namespace, name, api_version, body_hash, seen_epoch, present_since)
       select $1, c.cluster_id, gen_random_uuid(), '', 'Pod', 'team-' || n % 50, 'pod-' || n, 'v1', sha256(n::text::bytea), 1, $2
       from app.cluster c, generate_series(1, ${objects}) n where c.org_id = $1`,
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
    await fillJudgements(tx, objects);
  });
}

/** What was judged, counted and asked beside them. */
async function fillJudgements(tx: Tx, objects: number): Promise<void> {
  const key = [tx.scope.orgId, tx.now];
  await tx.query(
    `insert into app.check_slice (org_id, slice_digest, check_ids) select $1, '\\x01', array[min(check_id)] from app.check_def where org_id = $1`,
    [tx.scope.orgId],
  );
  await tx.query(
    `insert into app.object_evaluation (org_id, object_id, slice_digest, memo, verdicts, body_hash, engine, evaluated_at)
     select org_id, object_id, '\\x01', '\\x00', '\\x00', body_hash, 'test', $2 from app.inventory_object where org_id = $1`,
    key,
  );
  await tx.query(
    `insert into app.compliance_head (org_id, cluster_id, namespace, check_id, since, pass, fail, waived, error, skipped)
     select v.org_id, v.cluster_id, o.namespace || '-' || o.name, v.check_id, $2, 0, 1, 0, 0, 0
     from app.violation v join app.inventory_object o using (org_id, object_id) where v.org_id = $1`,
    key,
  );
  await tx.query(
    `insert into app.object_count_head (org_id, cluster_id, namespace, since, judged, failing, excluded)
     select org_id, cluster_id, namespace, $2, count(*), count(*), 0 from app.inventory_object where org_id = $1 group by 1, 2, 3`,
    key,
  );
  await tx.query(
    `insert into app.compliance_change (org_id, at, cluster_id, check_id, pass, fail, waived, error, skipped)
     select org_id, since, cluster_id, check_id, sum(pass), sum(fail), 0, 0, 0 from app.compliance_head where org_id = $1 group by 1, 2, 3, 4`,
    [tx.scope.orgId],
  );
  await tx.query(
    `insert into app.object_count_change (org_id, at, cluster_id, namespace, judged, failing, excluded)
     select org_id, since, cluster_id, namespace, judged, failing, excluded from app.object_count_head where org_id = $1`,
    [tx.scope.orgId],
  );
  await tx.query(
    `insert into app.run (org_id, run_id, cluster_id, trigger, triggers, status, requested_at)
     select c.org_id, gen_random_uuid(), c.cluster_id, 'manual', '{manual}', 'done', $2::timestamptz - n * interval '1 minute'
     from app.cluster c, generate_series(1, ${objects}) n where c.org_id = $1`,
    key,
  );
  await tx.query(
    `insert into app.validation (org_id, validation_id, at, actor, trigger, decision, fail_on, repository, ref, summary, answer)
     select $1, gen_random_uuid(), $2::timestamptz - n * interval '1 minute', '{}', 'ci', 'allow', 'high', 'shop/' || n % 50, 'main', '{}', '\\x007b2276696f6c6174696f6e73223a5b5d7d'
     from generate_series(1, ${objects}) n`,
    key,
  );
}
