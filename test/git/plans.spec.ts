import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemScope, type Scope } from '#kernel';
import { GitWork } from '#git';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { ExplainedDatabase } from '../support/explained-database.js';
import { aPod, GitWorld, made } from '../support/git-world.js';
import type { TestClient } from '../support/test-client.js';

/** Checks, deliveries and branches of each of two large organizations; the third one has a repository. */
const ROWS = 20_000;
const SOURCES = 400;
const LARGE = ['git_source', 'git_check', 'git_delivery', 'git_head'];

describe('a repository beside tens of thousands of checks of others', () => {
  let world: GitWorld;
  let large: TestClient;
  beforeAll(async () => {
    world = await GitWorld.start();
    large = await world.platform.stranger('globex');
    await world.platform.stranger('initech');
    const { app, database } = world.platform;
    const [own, ...others] = await app.get(OrganizationsDirectory).dangerouslyListAll();
    for (const orgId of others) await fill(app.get(Database), systemScope(orgId, 'test'), ROWS);
    await fill(app.get(Database), systemScope(own ?? '', 'test'), 200);
    const client = new pg.Client({ connectionString: database.logins.ownerUrl });
    await client.connect();
    await client.query('analyze');
    await client.end();
  }, 120_000);
  afterAll(() => world.stop());

  const explained = async (work: () => Promise<void>): Promise<ExplainedDatabase> => {
    const database = new ExplainedDatabase(world.platform.app.get(Database), LARGE);
    await database.during(work);
    expect(database.plans.length).toBeGreaterThan(0);
    return database;
  };

  it('has its deliveries taken, its commits checked and told of, and is looked at, without reading those of others', async () => {
    const { id } = await world.source({ poll_minutes: 5 });
    const first = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const database = await explained(async () => {
      await world.push(id, 'main', first);
      await world.settle();
      const second = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
      world.clock.advance(5 * 60_000);
      await world.settle();
      await world.push(id, 'main', second, first);
      await world.platform.owner.post(`/api/v1/git-sources/${id}/checks`, { ref: 'main' });
      await world.push(id, 'main', null);
      const [orgId = ''] = await world.platform.app.get(OrganizationsDirectory).dangerouslyListAll();
      await world.platform.app.get(GitWork).forget(systemScope(orgId, 'test'));
    });
    expect(database.plans.length).toBeGreaterThan(20);
    expect(database.sequentialScans()).toEqual([]);
  });

  it.each([
    ['all', ''],
    ['those of a source', 'source_id'],
    ['those of a ref', 'ref'],
    ['those that wait', 'status'],
  ])('lists %s by an index, the latest first', async (_what, filter) => {
    const { items } = made<{ items: Record<string, string>[] }>(
      await world.platform.owner.get('/api/v1/git-checks?limit=1&status=waiting'),
    );
    const query = filter === '' ? '' : `&${filter}=${items[0]?.[filter]}`;
    const database = await explained(async () => {
      const page = made<{ items: unknown[]; next_cursor: string | null }>(
        await world.platform.owner.get(`/api/v1/git-checks?limit=2${query}`),
      );
      expect(page.items.length).toBeGreaterThan(0);
      if (page.next_cursor !== null)
        made(await world.platform.owner.get(`/api/v1/git-checks?limit=2${query}&cursor=${page.next_cursor}`));
    });
    expect(database.sequentialScans()).toEqual([]);
  });

  it('lists a large organization’s checks by an index that has them in order', async () => {
    const sources = made<{ items: { id: string }[] }>(await large.get('/api/v1/git-sources?limit=1'));
    for (const query of ['', '&status=waiting', `&source_id=${sources.items[0]?.id}`]) {
      const database = await explained(async () => {
        const { items } = made<{ items: unknown[] }>(await large.get(`/api/v1/git-checks?limit=20${query}`));
        expect(items.length).toBeGreaterThan(0);
      });
      expect([query, database.sequentialScans(), database.wholeSorts()]).toEqual([query, [], []]);
    }
  });
});

/** Sources that were pushed to again and again, as months leave them. */
async function fill(database: Database, scope: Scope, rows: number): Promise<void> {
  await database.run(scope, async (tx) => {
    const key = [scope.orgId, tx.now];
    await tx.query(
      `insert into app.git_source (org_id, source_id, name, provider, url, webhook_secret, poll_minutes, state, failures, next_poll_at, created_at, revision)
       select $1, gen_random_uuid(), 'source ' || n, 'git', 'https://git.example.com/a/' || n, '\\x00', 15, 'ok', 0, $2::timestamptz + interval '1 year', $2, 1
       from generate_series(1, ${Math.min(SOURCES, rows / 10)}) n`,
      key,
    );
    await tx.query(
      `insert into app.git_head (org_id, source_id, ref, commit_sha)
       select org_id, source_id, 'refs/heads/branch-' || n, md5(n::text) || '00000000' from app.git_source, generate_series(1, 50) n where org_id = $1`,
      [scope.orgId],
    );
    await tx.query(
      `insert into app.git_delivery (org_id, source_id, delivery, received_at)
       select s.org_id, s.source_id, 'content:' || md5(n::text), $2 from app.git_source s, generate_series(1, 50) n where s.org_id = $1`,
      key,
    );
    await tx.query(
      `insert into app.git_check (org_id, check_id, source_id, ref, commit_sha, fetch_ref, everything, cause, status, not_before, requested_at, finished_at)
       select s.org_id, gen_random_uuid(), s.source_id, 'refs/heads/branch-' || n % 50, md5(n::text) || '00000000', 'refs/heads/x', false, 'push',
         case when n = 1 then 'waiting' else 'done' end, $2::timestamptz + interval '1 year', $2::timestamptz - n * interval '1 minute', $2
       from app.git_source s, generate_series(1, ${Math.ceil(rows / Math.min(SOURCES, rows / 10))}) n where s.org_id = $1`,
      key,
    );
  });
}
