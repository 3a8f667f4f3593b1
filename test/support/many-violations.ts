import pg from 'pg';
import { requirePublicId, systemScope } from '#kernel';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import type { TestPlatform } from './test-platform.js';

/** Policies that fail on every object. */
const CHECKS = 10;

/**
 * Fills a cluster of the first organization with open violations, as many runs would have left them: ten on each object,
 * a second apart.
 * @param platform with the cluster
 * @param clusterId as people see it
 * @param count how many, a multiple of ten
 */
export async function fillViolations(platform: TestPlatform, clusterId: string, count: number): Promise<void> {
  const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
  const cluster = requirePublicId('cluster', clusterId);
  await platform.app.get(Database).run(systemScope(orgId, 'fill'), async (tx) => {
    await tx.query(
      `insert into app.object_body (org_id, body_hash, normaliser, body) values ($1, sha256('many'), 1, '\\x4bc94cce050000')
       on conflict do nothing`,
      [orgId],
    );
    await tx.query(
      `insert into app.inventory_object (org_id, cluster_id, object_id, api_group, kind, namespace, name, api_version, body_hash, seen_epoch, present_since)
       select $1, $2, gen_random_uuid(), 'apps', 'Deployment', 'team-' || n % 50, 'app-' || n, 'apps/v1', sha256('many'), 1, $3
       from generate_series(1, $4::int) n`,
      [orgId, cluster, tx.now, count / CHECKS],
    );
    await tx.query(
      `insert into app.violation (org_id, violation_id, cluster_id, object_id, check_id, disposition, fingerprint, policy_version, findings,
         findings_digest, severity, opened_at, since)
       select $1, gen_random_uuid(), $2, o.object_id, d.check_id, 'failing', sha256(o.object_id::text::bytea), 1,
         jsonb_build_array(jsonb_build_object('path', 'spec.template.spec.containers[0].image', 'container', 'app',
           'found', 'registry.example.com/team/' || o.name || ':latest', 'expected', 'a tag that does not move',
           'message', 'Container “app” of ' || o.name || ' runs an image whose tag moves: latest.')),
         '\\x00', (row_number() over () % 5)::smallint, $3::timestamptz - row_number() over () * interval '1 second', $3
       from app.inventory_object o, (select check_id from app.check_def where org_id = $1 order by check_id limit ${CHECKS}) d
       where o.org_id = $1 and o.cluster_id = $2 and o.body_hash = sha256('many')`,
      [orgId, cluster, tx.now],
    );
  });
  await analyze(platform.database.logins.ownerUrl);
}

/** As Postgres does by itself a minute later: until then it takes large tables for small ones. */
async function analyze(connectionString: string): Promise<void> {
  const owner = new pg.Client({ connectionString });
  await owner.connect();
  await owner.query('analyze');
  await owner.end();
}
