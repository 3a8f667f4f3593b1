import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type JsonObject, systemScope } from '#kernel';
import type { BindingShape, PolicyDetail } from '#contracts';
import { OwnModules } from '#policies';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';
import { aNamespace, aPod } from '../support/workloads.js';

const SLUG = 'unique-hosts';
/** As Gatekeeper lays out what it was told to sync, and as its policies read that. */
const REGO = `package own

held[ns][group_version][kind][name] := object if {
	some object in input.related.inventory
	ns := object.metadata.namespace
	group_version := object.apiVersion
	kind := object.kind
	name := object.metadata.name
}

inventory := {"namespace": held}

violation contains {"path": "spec", "found": host, "expected": null, "message": sprintf("%v is of %v/%v too", [host, ns, name])} if {
	host := input.review.object.spec.rules[_].host
	other := inventory.namespace[ns]["networking.k8s.io/v1"].Ingress[name]
	other.spec.rules[_].host == host
	[ns, name] != [input.review.namespace, input.review.name]
}
`;
const anIngress = (name: string, namespace: string, ...hosts: string[]): JsonObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace, uid: `uid-of-${namespace}-${name}` },
  spec: { rules: hosts.map((host) => ({ host })) },
});

describe('a policy that looks through everything of a kind', () => {
  let platform: TestPlatform;
  let cluster: RelatedCluster;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const { body, status } = await platform.owner.post('/api/v1/policies', {
      slug: SLUG,
      title: 'Hosts are unique',
      category: 'network',
      severity: 'high',
      kinds: ['*'],
      related: [{ name: 'inventory', kind: 'networking.k8s.io/Ingress', select: 'same_namespace', need: 'complete' }],
      rego: REGO,
    });
    expect([status, body]).toEqual([201, expect.anything()]);
    const { id } = body as PolicyDetail;
    await platform.owner.post(`/api/v1/policies/${id}/publish`);
    await RelatedCluster.bind(platform, SLUG, { kinds: ['Ingress', 'Service'] });
  });
  beforeEach(async () => {
    await select('inventory');
    cluster = await RelatedCluster.enroll(platform, SLUG, `cluster-${clusters++}`);
  });
  afterAll(() => platform.stop());

  /** Only what was written for another engine may say so: the module is told what an imported policy would say. */
  async function select(how: string): Promise<void> {
    const [row] = await platform.query<{ org_id: string; policy_id: string; version: number }>(
      'select org_id, policy_id, version from app.policy where slug = $1',
      [SLUG],
    );
    if (row === undefined) throw new Error('there is no such policy');
    const ref = { policyId: row.policy_id, slug: SLUG, version: row.version };
    const own = await platform.app.get(OwnModules).of(systemScope(row.org_id, 'test'), [ref]);
    const related = own?.module.policies.get(SLUG)?.metadata.related ?? [];
    related.splice(0, 1, { name: 'inventory', kind: 'networking.k8s.io/Ingress', select: how, need: 'complete' });
  }
  const failing = (): Promise<string[]> => cluster.view.failing();

  it('judges all that depend on it again when one of that kind comes, changes and goes, wherever it is', async () => {
    await cluster.view.list(
      aNamespace('shop', {}),
      anIngress('a', 'shop', 'one.example.org'),
      anIngress('b', 'data', 'two.example.org'),
      aPod('web', 'nginx:1.27'),
    );
    expect(await failing()).toEqual([]);
    await cluster.view.put(anIngress('c', 'edge', 'one.example.org'));
    expect(await failing()).toEqual(['Ingress a', 'Ingress c']);
    await cluster.view.put(anIngress('b', 'data', 'one.example.org'));
    expect(await failing()).toEqual(['Ingress a', 'Ingress b', 'Ingress c']);
    await cluster.view.put(anIngress('c', 'edge', 'three.example.org'));
    expect(await failing()).toEqual(['Ingress a', 'Ingress b']);
    await cluster.view.remove(anIngress('a', 'shop'));
    expect(await failing()).toEqual([]);
    expect(await cluster.view.resolved()).toContain('Ingress a: deleted');
  });

  it('is not asked again for what is of another kind, nor judges others than its binding means', async () => {
    await cluster.view.list(anIngress('a', 'shop', 'one.example.org'), aPod('web', 'nginx:1.27'));
    await cluster.view.put(aPod('api', 'nginx:1.27'));
    expect((await cluster.view.lastRun()).counts).toMatchObject({ objects: 1 });
    await cluster.view.put(anIngress('b', 'shop', 'two.example.org'));
    expect((await cluster.view.lastRun()).counts).toMatchObject({ objects: 2 });
  });

  it('keeps its verdicts while nothing of that kind moves', async () => {
    await cluster.view.list(anIngress('a', 'shop', 'one.example.org'), anIngress('b', 'data', 'one.example.org'));
    const { body } = await platform.owner.get('/api/v1/bindings');
    const bound = (body as { items: BindingShape[] }).items.find(({ name }) => name === SLUG);
    await platform.owner.patch(`/api/v1/bindings/${bound?.id}`, { on_error: 'deny' });
    await platform.settle();
    const { trigger, counts } = await cluster.view.lastRun();
    expect([trigger, counts.evaluated]).toEqual(['policy-change', 0]);
    expect(await failing()).toEqual(['Ingress a', 'Ingress b']);
  });

  it('in CI sees what is posted over what the named cluster has', async () => {
    await cluster.view.list(anIngress('a', 'shop', 'one.example.org'));
    const posted = anIngress('new', 'edge', 'one.example.org');
    expect(await cluster.inCi(posted)).toEqual(['Ingress new: one.example.org is of shop/a too']);
    expect(await cluster.inCi(posted, anIngress('a', 'shop', 'other.example.org'))).toEqual([]);
    const { metadata, ...rest } = anIngress('a', 'shop', 'two.example.org');
    const assumed = { ...rest, metadata: { name: (metadata as { name: string }).name } };
    expect(await cluster.inCi(anIngress('new', 'edge', 'two.example.org'), assumed)).toEqual([
      'Ingress a: two.example.org is of edge/new too',
      'Ingress new: two.example.org is of default/a too',
    ]);
  });

  it('is skipped where nobody can look everywhere, whether it would pass or fail', async () => {
    const pair = [anIngress('a', 'shop', 'one.example.org'), anIngress('b', 'data', 'one.example.org')];
    const reason = 'skipped: no Ingress can be looked up: name a cluster';
    expect(await cluster.alone(...pair)).toEqual([`Ingress a ${reason}`, `Ingress b ${reason}`]);
    await cluster.view.list(anIngress('old', 'shop', 'one.example.org'));
    await cluster.view.listPart(...pair);
    expect(await failing()).toEqual([]);
    expect(await cluster.inCi(anIngress('new', 'edge', 'one.example.org'))).toEqual([
      expect.stringMatching(/^Ingress new skipped: no Ingress was listed yet/),
    ]);
    await cluster.view.listEnd();
    expect(await failing()).toEqual(['Ingress a', 'Ingress b']);
  });

  it('does not see what lies in namespaces that are left out', async () => {
    await select('inventory(except: kube-*, data)');
    await cluster.view.list(
      anIngress('a', 'shop', 'one.example.org'),
      anIngress('b', 'data', 'one.example.org'),
      anIngress('c', 'kube-system', 'one.example.org'),
    );
    expect(await failing()).toEqual(['Ingress b', 'Ingress c']);
  });

  it('is skipped where there is more than can be looked through, and judged again once there is less', async () => {
    const wide = (name: string): JsonObject => {
      const ingress = anIngress(name, 'shop', 'one.example.org');
      const annotations = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`note-${n}`, 'x'.repeat(100_000)]));
      return { ...ingress, metadata: { ...(ingress['metadata'] as JsonObject), annotations } };
    };
    await cluster.view.list(...['a', 'b'].map((name) => anIngress(name, 'shop', 'one.example.org')));
    expect(await failing()).toEqual(['Ingress a', 'Ingress b']);
    const many = Array.from({ length: 9 }, (_, n) => wide(`wide-${n}`));
    for (const one of many) await cluster.view.put(one);
    expect(await cluster.view.counts()).toEqual({ pass: 0, fail: 0 });
    expect(await cluster.inCi(anIngress('new', 'edge', 'one.example.org'))).toEqual([
      'Ingress new skipped: there are more Ingress in the cluster than can be looked through: 5000, or 8 MiB',
    ]);
    // What is not known to be mended stays open.
    expect(await failing()).toEqual(expect.arrayContaining(['Ingress a', 'Ingress b']));
    await cluster.view.remove(...many);
    expect(await cluster.view.counts()).toEqual({ pass: 0, fail: 2 });
  });
});
