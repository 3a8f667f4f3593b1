import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BindingShape, ImportAnswer, ValidationResult, ViolationShape } from '#contracts';
import { aTemplate, aWeavePolicy, manifestOf } from '../support/foreign-policies.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

const ROUTE = '/api/v1/policies/import';
const SYNCED = '[[{"groups":["networking.k8s.io"],"versions":["v1"],"kinds":["Ingress"]}]]';
const UNIQUE_HOST = `package k8suniquehost

violation[{"msg": msg}] {
  host := input.review.object.spec.rules[_].host
  other := data.inventory.namespace[ns][_]["Ingress"][name]
  [ns, name] != [input.review.object.metadata.namespace, input.review.object.metadata.name]
  other.spec.rules[_].host == host
  msg := sprintf("%v is taken by %v/%v", [host, ns, name])
}
`;
const aPod = (name: string, namespace: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { containers: [{ name: 'app', image: 'theirs/app:1' }] },
});
const anIngress = (name: string, host: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'shop' },
  spec: { rules: [{ host }] },
});
const aConstraint = (kind: string, name: string, spec: object) => ({
  apiVersion: 'constraints.gatekeeper.sh/v1beta1',
  kind,
  metadata: { name },
  spec,
});
const PODS = [{ apiGroups: [''], kinds: ['Pod'] }];

describe('constraints that come with their templates', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await agent.list([
      aPod('web', 'shop'),
      aPod('owned', 'shop', { owner: 'us' }),
      aPod('job', 'batch'),
      aPod('dns', 'kube-system'),
      anIngress('one', 'a.example.com'),
      anIngress('two', 'a.example.com'),
      anIngress('three', 'b.example.com'),
    ]);
    await platform.settle();
  });
  afterAll(() => platform.stop());

  const send = async (documents: object[], more: object = {}): Promise<ImportAnswer> => {
    const { status, body } = await platform.owner.post(ROUTE, { manifest: manifestOf(...documents), ...more });
    if (status !== 200) throw new Error(JSON.stringify(body));
    await platform.settle();
    return body as ImportAnswer;
  };
  const failing = async (policy: string): Promise<string[]> => {
    const { body } = await platform.owner.get(`/api/v1/violations?policy=${policy}`);
    const { items } = body as { items: ViolationShape[] };
    return items.map(({ object, instance }) => `${instance} ${object.namespace}/${object.name}`).sort();
  };
  const bindings = async (): Promise<BindingShape[]> =>
    ((await platform.owner.get('/api/v1/bindings')).body as { items: BindingShape[] }).items;
  const LABELS = [
    {
      apiVersion: 'config.gatekeeper.sh/v1alpha1',
      kind: 'Config',
      metadata: { name: 'config', namespace: 'gatekeeper-system' },
      spec: { match: [{ excludedNamespaces: ['kube-*'], processes: ['*'] }] },
    },
    aTemplate('K8sWantsLabels'),
    aConstraint('K8sWantsLabels', 'owners', { match: { kinds: PODS }, parameters: { labels: ['owner'] } }),
    aConstraint('K8sWantsLabels', 'teams', {
      enforcementAction: 'dryrun',
      match: { kinds: PODS, excludedNamespaces: ['batch'] },
      parameters: { labels: ['team'] },
    }),
  ];

  it('are told beforehand, then say where their policies apply', async () => {
    const before = await bindings();
    const plan = await send(LABELS, { dry_run: true });
    expect(plan.summary).toMatchObject({ imported: 4, changed: 3, failed: 0 });
    expect(plan.documents[2]?.bindings).toEqual([{ id: null, name: expect.any(String) }]);
    expect(await bindings()).toEqual(before);
    const { summary, documents } = await send(LABELS);
    expect(summary).toEqual(plan.summary);
    expect(documents[2]?.bindings).toEqual([{ id: expect.stringMatching(/^bnd_/), name: expect.any(String) }]);
    expect(await failing('k8swantslabels')).toEqual([
      'owners batch/job',
      'owners shop/web',
      'teams shop/owned',
      'teams shop/web',
    ]);
    const made = await bindings();
    const enforced = (id: string | null | undefined): string | undefined =>
      made.find((one) => one.id === id)?.enforcement;
    expect([2, 3].map((index) => enforced(documents[index]?.bindings?.[0]?.id))).toEqual(['deny', 'audit']);
  });

  it('are left alone where they are imported again, and follow what changes', async () => {
    expect((await send(LABELS)).summary).toMatchObject({ imported: 4, changed: 0 });
    const looser = aConstraint('K8sWantsLabels', 'owners', {
      enforcementAction: 'warn',
      match: { kinds: PODS, namespaces: ['shop'] },
      parameters: { labels: ['owner'] },
    });
    const [config, template, , teams] = LABELS;
    expect((await send([config ?? {}, template ?? {}, looser, teams ?? {}])).summary).toMatchObject({ changed: 1 });
    expect(await failing('k8swantslabels')).toEqual(['owners shop/web', 'teams shop/owned', 'teams shop/web']);
  });

  it('judge what is posted as they judge the cluster', async () => {
    const { body } = await platform.owner.post('/api/v1/validate', {
      specs: [aPod('new', 'shop')],
      cluster: agent.clusterId,
    });
    const { violations } = body as ValidationResult;
    const own = violations.filter(({ policy }) => policy.slug === 'k8swantslabels');
    expect(own.map(({ enforcement, message }) => [enforcement, message])).toEqual([
      ['warn', 'new lacks {"owner"}'],
      ['audit', 'new lacks {"team"}'],
    ]);
  });

  it('look through everything of a kind, and are judged again when one of it changes', async () => {
    const template = aTemplate('K8sUniqueHost', {
      rego: UNIQUE_HOST,
      metadata: { name: 'k8suniquehost', annotations: { 'metadata.gatekeeper.sh/requires-sync-data': SYNCED } },
    });
    const match = { kinds: [{ apiGroups: ['networking.k8s.io'], kinds: ['Ingress'] }] };
    await send([template, aConstraint('K8sUniqueHost', 'hosts', { match })]);
    expect(await failing('k8suniquehost')).toEqual(['hosts shop/one', 'hosts shop/two']);
    await agent.send([{ op: 'upsert', object: anIngress('two', 'b.example.com') }]);
    await platform.settle();
    expect(await failing('k8suniquehost')).toEqual(['hosts shop/three', 'hosts shop/two']);
  });

  it('of Weave say so in their policies’ own documents', async () => {
    const { documents } = await send([
      aWeavePolicy('acme.registry', { enforce: false, targets: { kinds: ['Pod'], namespaces: ['shop'], labels: [] } }),
    ]);
    // It is enforced at admission, and looked at in the audit, by bindings of their own.
    expect(documents).toMatchObject([{ result: 'imported', changed: true }]);
    expect(documents[0]?.bindings).toHaveLength(2);
    expect(await failing('acme-registry')).toHaveLength(2);
  });

  it('whose template is missing are bound to nothing', async () => {
    const before = await bindings();
    const { documents } = await send([aConstraint('K8sNowhere', 'lost', {})]);
    expect(documents).toMatchObject([{ result: 'failed', reason: expect.stringContaining('is not imported') }]);
    expect(await bindings()).toEqual(before);
  });

  it('are nobody else’s', async () => {
    const stranger = await platform.stranger();
    const { body } = await stranger.get('/api/v1/bindings');
    expect((body as { items: BindingShape[] }).items.map(({ name }) => name)).toEqual(['default']);
  });
});
