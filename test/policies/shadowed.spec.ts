import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemScope } from '#kernel';
import type { PolicyDetail, PolicySetShape } from '#contracts';
import { Database, readConfig } from '#platform';
import { BuiltInLibrary, ProvisioningService } from '#policies';
import { OrganizationsDirectory } from '#tenancy';
import { silentLogger } from '#testing';
import { firstStart } from '../../apps/api/src/first-start.js';
import { TestPlatform } from '../support/test-platform.js';

const REGO = `package mine

violation contains {"path": "metadata", "found": 1, "expected": 0, "message": "no"} if input.review.object.spec
`;
const ABOUT = { title: 'Mine', category: 'security', severity: 'low', kinds: ['Pod'], rego: REGO };

describe('a release that brings a slug which an organization has taken', () => {
  let platform: TestPlatform;
  let orgIds: string[];
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await platform.stranger();
    orgIds = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    const made = await platform.owner.post('/api/v1/policies', { ...ABOUT, slug: 'taken' });
    await platform.owner.post(`/api/v1/policies/${(made.body as PolicyDetail).id}/publish`, {});
    await platform.owner.post('/api/v1/policy-sets', {
      slug: 'taken-set',
      title: 'Mine',
      policies: [{ policy: 'taken' }],
    });
  });
  afterAll(() => platform.stop());

  /** The library of a later release: a policy more, and two sets that hold it. */
  const later = (): BuiltInLibrary => {
    const { module } = platform.app.get(BuiltInLibrary);
    const { policies, sets } = module.manifest;
    const [policy] = policies;
    const [set] = sets;
    if (policy === undefined || set === undefined) throw new Error('the library is empty');
    const members = ['taken', policy.slug].map((slug) => ({ policy: slug, instance: '', parameters: {} }));
    const manifest = {
      ...module.manifest,
      policies: [...policies, { ...policy, slug: 'taken' }],
      sets: [...sets, { ...set, slug: 'taken-set', policies: members }, { ...set, slug: 'new-set', policies: members }],
    };
    return new BuiltInLibrary({ ...module, manifest });
  };
  const upgrade = async (): Promise<void> => {
    const provisioning = new ProvisioningService(platform.app.get(Database), later(), silentLogger);
    for (const orgId of orgIds) await provisioning.reconcile(systemScope(orgId, 'test'));
  };

  it('leaves the organization its own, does without in its sets, and tells its owner once', async () => {
    await upgrade();
    await upgrade();
    const { body } = await platform.owner.get('/api/v1/policies/taken');
    expect(body).toMatchObject({ origin: 'custom', title: 'Mine' });
    const setOf = async (slug: string): Promise<string[]> => {
      const answer = await platform.owner.get(`/api/v1/policy-sets?limit=200`);
      const set = (answer.body as { items: PolicySetShape[] }).items.find((one) => one.slug === slug);
      return set?.policies.map(({ policy }) => policy) ?? [];
    };
    expect(await setOf('taken-set')).toEqual(['taken']);
    expect(await setOf('new-set')).toHaveLength(1);
    const log = await platform.owner.get('/api/v1/audit-log?limit=200');
    const told = (log.body as { items: { action: string; after: object }[] }).items.filter(({ action }) =>
      action.endsWith('.shadowed'),
    );
    expect(told).toMatchObject([
      { action: 'policy-set.shadowed', after: { slug: 'taken-set' } },
      { action: 'policy.shadowed', after: { slug: 'taken' } },
    ]);
  });

  it('gives it to those who have not', async () => {
    const slugs = await platform.app
      .get(Database)
      .run(systemScope(orgIds[1] ?? '', 'test'), (tx) =>
        tx.query(`select slug from app.policy where org_id = $1 and slug = 'taken' and origin = 'builtin'`, [
          orgIds[1],
        ]),
      );
    expect(slugs).toHaveLength(1);
  });

  it('starts for all others where one organization can’t be brought to it', async () => {
    const database = platform.app.get(Database);
    const [broken = '', whole = ''] = orgIds;
    // What it has is at an older release; of the first, the next version is there already.
    for (const orgId of orgIds)
      await database.run(systemScope(orgId, 'test'), (tx) =>
        tx.query(
          `update app.policy_version set digest = '' where org_id = $1 and policy_id in (
          select policy_id from app.policy where org_id = $1 and slug = 'no-latest-tag')`,
          [orgId],
        ),
      );
    await database.run(systemScope(broken, 'test'), (tx) =>
      tx.query(
        `insert into app.policy_version (org_id, policy_id, version, digest, metadata, created_at)
         select org_id, policy_id, 2, digest, metadata, created_at from app.policy_version
         where org_id = $1 and policy_id in (select policy_id from app.policy where org_id = $1 and slug = 'no-latest-tag')`,
        [broken],
      ),
    );
    const dataDir = mkdtempSync(join(tmpdir(), 'bylaw-start-'));
    const config = readConfig({ BYLAW_DATA_DIR: dataDir, BYLAW_INIT_API_KEY: platform.owner.key }, false);
    await firstStart(platform.app, config);
    rmSync(dataDir, { recursive: true, force: true });
    const versionIn = async (orgId: string): Promise<number | undefined> => {
      const rows = await database.run(systemScope(orgId, 'test'), (tx) =>
        tx.query<{ version: number }>(`select version from app.policy where org_id = $1 and slug = 'no-latest-tag'`, [
          orgId,
        ]),
      );
      return rows[0]?.version;
    };
    expect([await versionIn(broken), await versionIn(whole)]).toEqual([1, 2]);
    expect((await platform.owner.get('/readyz')).status).toBe(200);
  });
});
