import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ViolationShape } from '#contracts';
import type { JsonObject } from '#kernel';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';

const SECRET = 'correct-horse-7';

const CONFIG: JsonObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop', uid: 'uid-of-settings' },
  data: { 'db.password': SECRET, 'app.conf': `url = postgres://shop:${SECRET}@database/shop`, mode: 'quiet' },
};

describe('a secret in a ConfigMap', () => {
  let platform: TestPlatform;
  let cluster: RelatedCluster;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await RelatedCluster.bind(platform, 'secrets-in-configmaps');
    cluster = await RelatedCluster.enroll(platform, 'secrets-in-configmaps', 'prod');
  });
  afterAll(() => platform.stop());

  it('is told to CI by its place and what gave it away, and never shown', async () => {
    const { body } = await platform.owner.post('/api/v1/validate', { specs: [CONFIG] });
    expect(JSON.stringify(body)).not.toContain(SECRET);
    expect(await cluster.alone(CONFIG)).toEqual([
      expect.stringContaining('holds a secret in app.conf (it holds a URL with a password)'),
    ]);
  });

  it('is a violation in the cluster, whose findings hold no value', async () => {
    await cluster.view.list(CONFIG);
    const { body } = await platform.owner.get('/api/v1/violations?policy=secrets-in-configmaps');
    const [violation] = (body as { items: ViolationShape[] }).items;
    const findings = violation?.findings ?? [];
    expect(findings.map(({ path }) => path)).toEqual(['data["app.conf"]', 'data["db.password"]']);
    for (const finding of findings) expect(finding).toMatchObject({ sensitive: true, found: null });
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });
});
