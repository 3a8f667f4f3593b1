import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '#kernel';
import { type Bundle, bundleSchema, type TriggerShape } from '#contracts';
import { isWhole } from '#judging';
import { TEAM_LABEL as OWN } from '../support/team-label.js';
import { TestAgent } from '../support/test-agent.js';
import { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const BUNDLE = '/api/v1/validate/bundle';

describe('what specs would be judged by, to be judged elsewhere', () => {
  let platform: TestPlatform;
  let ciTriggers: string[];
  const created = async <Shape>(path: string, body: object): Promise<Shape> => {
    const answer = await platform.owner.post(`/api/v1/${path}`, body);
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body as Shape;
  };
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const { items } = (await platform.owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
    ciTriggers = items.filter(({ type }) => type === 'ci').map(({ id }) => id);
    const policy = await created<{ id: string }>('policies', OWN);
    await platform.owner.post(`/api/v1/policies/${policy.id}/publish`);
    await bind('teams', { environments: ['production'] }, [{ policy: OWN.slug }]);
  });
  afterAll(() => platform.stop());

  const bind = async (name: string, clusters: object, policies: object[], more: object = {}): Promise<string> => {
    const target = await created<{ id: string }>('targets', { name, clusters });
    const binding = { name, policies, target_id: target.id, trigger_ids: ciTriggers, enforcement: 'deny', ...more };
    return (await created<{ id: string }>('bindings', binding)).id;
  };
  const bundleFor = async (about: object, client: TestClient = platform.owner): Promise<Bundle> => {
    const { status, body } = await client.post(BUNDLE, about);
    expect([status, body]).toEqual([200, expect.anything()]);
    return bundleSchema.parse(body);
  };
  const names = ({ bindings }: Bundle) => bindings.map(({ name }) => name).sort();

  it('is whole, the same each time, and another once a rule is', async () => {
    const [first, again] = [await bundleFor({}), await bundleFor({})];
    expect([isWhole(first), again.digest]).toEqual([true, first.digest]);
    await platform.owner.patch('/api/v1/organization', { fail_on: 'critical' });
    const changed = await bundleFor({});
    expect([isWhole(changed), changed.fail_on, changed.digest === first.digest]).toEqual([true, 'critical', false]);
    expect(isWhole({ ...changed, fail_on: 'info' })).toBe(false);
  });

  it('leaves out what is meant for another place, and keeps what nobody can say', async () => {
    expect(names(await bundleFor({ environment: 'staging' }))).not.toContain('teams');
    expect(names(await bundleFor({ environment: 'production' }))).toContain('teams');
    expect(names(await bundleFor({}))).toContain('teams');
  });

  it('knows a cluster as a validation does', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'west');
    await agent.beat({ kubernetes_version: 'v1.31.2' });
    const { origin, kubernetes_version: version } = await bundleFor({ cluster: 'west', cluster_labels: { tier: 'a' } });
    expect([origin.cluster, version]).toEqual([{ id: expect.any(String), labels: { tier: 'a' } }, 'v1.31.2']);
  });

  it('names modules by what their bytes are', async () => {
    const { modules, bindings } = await bundleFor({ environment: 'production' });
    expect(modules.map(({ role }) => role)).toEqual(['library', 'own']);
    for (const { key, sha256, bytes } of modules) {
      const response = await fetch(`${platform.url}/api/v1/validate/modules/${key}`, {
        headers: { authorization: `Bearer ${platform.owner.key}` },
      });
      const wasm = Buffer.from(await response.arrayBuffer());
      expect([response.headers.get('content-type'), wasm.byteLength, sha256Hex(wasm)]).toEqual([
        'application/wasm',
        bytes,
        sha256,
      ]);
    }
    const own = modules.find(({ role }) => role === 'own');
    const [item] = bindings.find(({ name }) => name === 'teams')?.items ?? [];
    expect([item?.module, own?.policies.map(({ slug }) => slug)]).toEqual([own?.key, [OWN.slug]]);
  });

  it('has the module of a release once, though a binding that denies keeps to it', async () => {
    await bind('pinned', {}, [{ policy: 'no-latest-tag', instance: 'pinned' }]);
    const { modules, bindings } = await bundleFor({});
    const [item] = bindings.find(({ name }) => name === 'pinned')?.items ?? [];
    expect([item?.module, modules.map(({ role }) => role)]).toEqual([modules[0]?.key, ['library', 'own']]);
  });

  it('is for those who may validate, and of their organization alone', async () => {
    const stranger = await platform.stranger();
    const { modules } = await bundleFor({ environment: 'production' });
    const own = modules.find(({ role }) => role === 'own')?.key ?? '';
    const theirs = await bundleFor({ environment: 'production' }, stranger);
    expect([names(theirs).includes('teams'), theirs.modules.map(({ role }) => role)]).toEqual([false, ['library']]);
    expect((await stranger.get(`/api/v1/validate/modules/${own}`)).status).toBe(404);
    expect((await stranger.post(BUNDLE, { cluster: 'west' })).status).toBe(404);
    const { key } = await created<{ key: string }>('api-keys', { name: 'reader', scopes: ['read'] });
    const reader = new TestClient(platform.url, key);
    expect((await reader.post(BUNDLE, {})).status).toBe(403);
    expect((await reader.get(`/api/v1/validate/modules/${own}`)).status).toBe(403);
  });

  it('refuses what names nothing', async () => {
    for (const [path, body, status] of [
      [BUNDLE, { clusters: 'west' }, 400],
      [BUNDLE, { cluster_labels: { a: 1 } }, 400],
      [BUNDLE, '[', 400],
    ] as const)
      expect((await platform.owner.post(path, body)).status).toBe(status);
    for (const key of ['0'.repeat(64), 'zz', '%00', '..%2f..'])
      expect((await platform.owner.get(`/api/v1/validate/modules/${key}`)).status).toBe(404);
  });
});
