import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EvaluateAnswer, ImportAnswer, PolicyDetail, PolicyVersionDetail, ViolationShape } from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { aTemplate, aWeavePolicy, manifestOf, WANTS_LABELS } from '../support/foreign-policies.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { IMPORT_ROUTE, importingAs, problemOf } from '../support/importing.js';
import { TestPlatform } from '../support/test-platform.js';
import { zipOf } from '../support/zip-archive.js';

const aPod = (name: string, labels: Record<string, string> = {}, image = 'nginx:1') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [{ name: 'app', image }] },
});
const NO_PODS = `package main

import data.kubernetes

deny contains msg if {
  kubernetes.is_pod
  msg := sprintf("%v is a bare pod", [input.metadata.name])
}

warn contains {"msg": "no owner", "label": "owner"} if not input.metadata.labels.owner
`;
const KUBERNETES = 'package kubernetes\n\nis_pod if input.kind == "Pod"\n';
/** What a template needs of `data.inventory`, as Gatekeeper takes it. */
const NAMESPACES = '[[{"groups":[""],"versions":["v1"],"kinds":["Namespace"]}]]';

describe('importing policies', () => {
  let platform: TestPlatform;
  let owner: TestClient;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    owner = platform.owner;
  });
  afterAll(() => platform.stop());

  const { importAll, imported, policy } = importingAs(() => owner);
  const version = async ({ id, version: number }: PolicyDetail): Promise<PolicyVersionDetail> =>
    (await owner.get(`/api/v1/policies/${id}/versions/${number}`)).body as PolicyVersionDetail;
  const own = async (): Promise<string> =>
    JSON.stringify(
      await platform.query('select p.*, v.* from app.policy p join app.policy_version v using (org_id, policy_id)'),
    );
  const judge = async (slug: string, object: object, parameters: object = {}): Promise<EvaluateAnswer> =>
    (await owner.post('/api/v1/policies/evaluate', { policy: slug, object, parameters })).body as EvaluateAnswer;

  it('changes nothing of another organization, and shows it nothing', async () => {
    const stranger = await platform.stranger('strange');
    await imported(aTemplate('K8sOfOwner'));
    const before = await own();
    const theirs = await stranger.post(IMPORT_ROUTE, { manifest: manifestOf(aTemplate('K8sOfOwner')) });
    expect((theirs.body as ImportAnswer).documents).toMatchObject([
      { result: 'imported', changed: true, policy: { slug: 'k8sofowner', version: 1 } },
    ]);
    expect(await own()).toBe(before);
    expect((await stranger.get(`/api/v1/policies/${(await policy('k8sofowner')).id}`)).status).toBe(404);
  });

  it('needs the scope admin', async () => {
    const { body } = await owner.post('/api/v1/api-keys', { name: 'reader', scopes: ['read', 'validate'] });
    const reader = platform.client((body as { key: string }).key);
    const refused = await reader.post(IMPORT_ROUTE, { manifest: manifestOf(aTemplate('K8sRefused')) });
    expect(problemOf(refused)).toEqual([403, 'forbidden_scope']);
    expect((await owner.get('/api/v1/policies/k8srefused')).status).toBe(404);
  });

  it('makes published policies of Gatekeeper’s templates, which judge as they did there', async () => {
    const [document] = await imported(aTemplate('K8sWantsLabels'));
    expect(document).toMatchObject({
      index: 0,
      kind: 'ConstraintTemplate',
      name: 'k8swantslabels',
      result: 'imported',
      changed: true,
      policy: { slug: 'k8swantslabels', version: 1 },
    });
    const made = await policy('k8swantslabels');
    expect(made).toMatchObject({
      origin: 'imported',
      status: 'published',
      title: 'K8sWantsLabels',
      description: 'What K8sWantsLabels wants.',
      kinds: ['*'],
      parameters_schema: { type: 'object', properties: { labels: { type: 'array', items: { type: 'string' } } } },
    });
    expect(await version(made)).toMatchObject({ dialect: 'gatekeeper', rego_version: 'v0', rego: WANTS_LABELS });
    expect(await judge('k8swantslabels', aPod('web'), { labels: ['team'] })).toMatchObject({
      verdict: 'fail',
      findings: [{ path: '', message: 'web lacks {"team"}', found: { missing: ['team'] } }],
    });
    expect((await judge('k8swantslabels', aPod('web', { team: 'a' }), { labels: ['team'] })).verdict).toBe('pass');
  });

  it('lets them act in clusters once they are bound', async () => {
    const agent = await TestAgent.enroll(platform, owner, 'prod');
    await agent.list([aPod('good', { team: 'a' }), aPod('bad')]);
    await imported(aTemplate('K8sBound'));
    const policies = [{ policy: 'k8sbound', parameters: { labels: ['team'] } }];
    const { binding } = await bindOwn(owner, { name: 'labels', policies });
    await platform.settle();
    const { body } = await owner.get('/api/v1/violations?policy=k8sbound');
    expect((body as { items: ViolationShape[] }).items).toMatchObject([
      { object: { name: 'bad' }, findings: [{ message: 'bad lacks {"team"}' }] },
    ]);
    const changed = aTemplate('K8sBound', { rego: WANTS_LABELS.replace('lacks', 'is without') });
    expect(await imported(changed)).toMatchObject([{ changed: true, policy: { version: 2 } }]);
    await platform.settle();
    const after = await owner.get('/api/v1/violations?policy=k8sbound');
    expect((after.body as { items: ViolationShape[] }).items).toMatchObject([
      { policy: { version: 2 }, findings: [{ message: 'bad is without {"team"}' }] },
    ]);
    await owner.delete(`/api/v1/bindings/${binding.id}`);
    await platform.settle();
  });

  it('makes policies of Weave’s, with what they say of themselves', async () => {
    const [document] = await imported(aWeavePolicy('weave.policies.our-registry'));
    expect(document?.policy?.slug).toBe('weave-policies-our-registry');
    expect(await policy('weave-policies-our-registry')).toMatchObject({
      title: 'Images come from our registry',
      severity: 'high',
      remediation: 'Mirror the image.',
      kinds: ['Deployment', 'Pod'],
      standards: [{ framework: 'pci-dss', section: '2.2.5' }],
    });
    expect(await judge('weave-policies-our-registry', aPod('web'))).toMatchObject({
      verdict: 'fail',
      findings: [
        {
          path: 'spec.containers[0].image',
          expected: 'registry.local/',
          message: 'image nginx:1 is not ours',
        },
      ],
    });
  });

  it('makes policies of conftest’s Rego, one of what it warns of, each with the files that it needs', async () => {
    const files = [
      { path: 'policy/no_pods.rego', content: NO_PODS },
      { path: 'policy/kubernetes.rego', content: KUBERNETES },
      { path: 'policy/no_pods_test.rego', content: 'package main\n\ntest_nothing if true\n' },
      { path: 'policy/README.md', content: '# Ours' },
    ];
    const { documents } = await importAll({ files });
    expect(documents.map(({ index, result, policy: made, reason }) => [index, result, made?.slug ?? reason])).toEqual([
      [0, 'imported', 'no-pods'],
      [0, 'imported', 'no-pods-warn'],
      [1, 'skipped', 'no policy: it has no rule `deny`, `violation` or `warn`'],
      [2, 'skipped', 'tests are not imported'],
      [3, 'skipped', 'neither YAML, JSON nor Rego by its name'],
    ]);
    expect(await judge('no-pods', aPod('web'))).toMatchObject({ findings: [{ message: 'web is a bare pod' }] });
    expect(await judge('no-pods-warn', aPod('web'))).toMatchObject({
      findings: [{ message: 'no owner', found: { label: 'owner' } }],
    });
    expect((await policy('no-pods-warn')).severity).toBe('low');
    expect((await importAll({ files })).summary).toMatchObject({ imported: 2, changed: 0 });
    const [, , helper] = [NO_PODS, files[0], files[1]] as const;
    const other = { ...helper, content: KUBERNETES.replace('"Pod"', '"Job"') };
    const again = await importAll({ files: files.map((file) => (file === files[1] ? other : file)) });
    expect(again.documents[0]).toMatchObject({ changed: true, policy: { version: 2 } });
  });

  it('changes nothing where it is run again, and makes a version of what changed', async () => {
    const documents = [aTemplate('K8sAgain'), aWeavePolicy('again')];
    await imported(...documents);
    const before = await own();
    expect((await imported(...documents)).map(({ changed }) => changed)).toEqual([false, false]);
    expect(await own()).toBe(before);
    const changed = aTemplate('K8sAgain', { rego: WANTS_LABELS.replace('lacks', 'needs') });
    expect(await imported(changed, aWeavePolicy('again'))).toMatchObject([
      { changed: true, policy: { slug: 'k8sagain', version: 2 } },
      { changed: false, policy: { slug: 'again', version: 1 } },
    ]);
    expect(await version(await policy('k8sagain'))).toMatchObject({
      acting: true,
      note: 'imported from gatekeeper/ConstraintTemplate/k8sagain',
    });
    const { body } = await owner.get('/api/v1/audit-log?limit=10');
    expect(JSON.stringify(body)).toContain('policy.import');
  });

  it('leaves alone what was changed here, until the document changes', async () => {
    const [document] = await imported(aTemplate('K8sEdited'));
    const id = String(document?.policy?.id);
    const rego = WANTS_LABELS.replace('lacks', 'wants');
    const edited = await owner.patch(`/api/v1/policies/${id}`, { rego });
    expect(edited.status).toBe(200);
    expect(await version({ ...(await policy('k8sedited')), version: 2 })).toMatchObject({
      dialect: 'gatekeeper',
      rego_version: 'v0',
    });
    expect(await imported(aTemplate('K8sEdited'))).toMatchObject([{ changed: false, policy: { version: 2 } }]);
    const changed = aTemplate('K8sEdited', { rego: WANTS_LABELS.replace('lacks', 'needs') });
    expect(await imported(changed)).toMatchObject([
      { changed: true, policy: { version: 3 }, notes: [expect.stringContaining('earlier versions')] },
    ]);
    await owner.post(`/api/v1/policies/${id}/archive`);
    expect(await imported(changed)).toMatchObject([{ result: 'skipped', reason: expect.stringContaining('archived') }]);
  });

  it('only says what it would do on a dry run', async () => {
    const before = await own();
    const answer = await importAll({
      manifest: manifestOf(aTemplate('K8sDry'), aTemplate('K8sOfOwner', { rego: 'package x' })),
      dry_run: true,
    });
    expect(answer).toMatchObject({
      dry_run: true,
      summary: { imported: 1, changed: 1, failed: 1 },
      documents: [
        { result: 'imported', policy: { id: null, slug: 'k8sdry', version: 1 } },
        { result: 'failed', reason: expect.stringContaining('it could never fail') },
      ],
    });
    expect(await own()).toBe(before);
  });

  it('says of each document what became of it, and lets none keep another from it', async () => {
    const wrong = aTemplate('K8sWrong', { rego: 'package x\n\nviolation[{"msg": msg}] { msg := nothing }' });
    const cel = { code: [{ engine: 'K8sNativeValidation', source: { validations: [] } }] };
    const both = { code: [...cel.code, { engine: 'Rego', source: { version: 'v1', rego: NEW_REGO } }] };
    const documents = await imported(
      wrong,
      aTemplate('K8sCel', { target: cel }),
      aTemplate('K8sBoth', { target: both }),
      aTemplate('K8sAsks', { rego: asking('external_data({"provider": "p", "keys": []})') }),
      aTemplate('K8sFetches', { rego: asking('http.send({"method": "get", "url": "http://a"})') }),
      aTemplate('K8sLooks', { rego: asking('data.inventory.cluster["v1"].Namespace[_]') }),
      aTemplate('K8sLooksAt', {
        rego: asking('data.inventory.cluster["v1"].Namespace[_]'),
        metadata: { name: 'k8slooksat', annotations: { 'metadata.gatekeeper.sh/requires-sync-data': NAMESPACES } },
      }),
      { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'k' } },
      { apiVersion: 'mutations.gatekeeper.sh/v1', kind: 'Assign', metadata: { name: 'a' } },
      { apiVersion: 'externaldata.gatekeeper.sh/v1', kind: 'Provider', metadata: { name: 'p' } },
      { apiVersion: 'constraints.gatekeeper.sh/v1beta1', kind: 'K8sCel', metadata: { name: 'c' } },
      aPod('web'),
      aWeavePolicy('terraform', { provider: 'terraform' }),
    );
    const told = documents.map(({ result, reason, notes }) => [result, reason ?? notes.join('; ')]);
    expect(told).toEqual([
      ['failed', expect.stringMatching(/^3:\d+ var nothing is unsafe/)],
      ['skipped', expect.stringContaining('CEL')],
      ['imported', 'the CEL beside its Rego was left out'],
      ['skipped', 'it calls external_data, which policies can’t call here'],
      ['skipped', 'it calls http.send, which policies can’t call here'],
      ['skipped', expect.stringContaining('data.inventory')],
      ['imported', ''],
      ['skipped', expect.stringContaining('Kyverno')],
      ['skipped', expect.stringContaining('mutation')],
      ['skipped', expect.stringContaining('external data')],
      ['failed', expect.stringContaining('is not imported')],
      ['skipped', 'not a policy'],
      ['skipped', expect.stringContaining('terraform')],
    ]);
    expect(await judge('k8slooksat', aPod('web'))).toMatchObject({ verdict: 'skipped' });
  });

  it('takes a YAML stream, a zip archive and a form with files of both', async () => {
    const stream = await owner.send('POST', IMPORT_ROUTE, manifestOf(aTemplate('K8sStream')), {
      'content-type': 'application/yaml',
    });
    expect((stream.body as ImportAnswer).documents).toMatchObject([{ policy: { slug: 'k8sstream' } }]);
    const archive = zipOf([
      { path: 'lib/', content: '' },
      { path: 'lib/a.yaml', content: manifestOf(aTemplate('K8sZipped'), aTemplate('K8sZippedToo')) },
      { path: 'lib/b.rego', content: 'package main\n\ndeny[msg] { msg := input.never }\n' },
    ]);
    const zipped = await owner.upload(IMPORT_ROUTE, 'application/zip', archive);
    expect((zipped.body as ImportAnswer).documents).toMatchObject([
      { path: 'lib/a.yaml', policy: { slug: 'k8szipped' } },
      { path: 'lib/a.yaml', policy: { slug: 'k8szippedtoo' } },
      { path: 'lib/b.rego', policy: { slug: 'b' } },
    ]);
    const form = new FormData();
    form.append('files', new Blob([manifestOf(aTemplate('K8sForm'))]), 'form.yaml');
    form.append('files', new Blob([new Uint8Array(archive)]), 'archive.zip');
    const response = await fetch(`${platform.url}${IMPORT_ROUTE}?dry_run=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.key}` },
      body: form,
    });
    expect(((await response.json()) as ImportAnswer).summary).toEqual({
      imported: 4,
      changed: 1,
      skipped: 0,
      failed: 0,
    });
    const headers = { authorization: `Bearer ${owner.key}` };
    const empty = await fetch(`${platform.url}${IMPORT_ROUTE}`, { method: 'POST', headers, body: new FormData() });
    expect([empty.status, ((await empty.json()) as { code: string }).code]).toEqual([400, 'invalid_body']);
  });

  it('lets authors write in a dialect, and check it as they type', async () => {
    const check = async (body: object) => (await owner.post('/api/v1/policies/check', body)).body;
    expect(await check({ rego: WANTS_LABELS, dialect: 'gatekeeper', rego_version: 'v0' })).toEqual({
      ok: true,
      errors: [],
    });
    expect(await check({ rego: WANTS_LABELS, dialect: 'gatekeeper' })).toMatchObject({
      ok: false,
      errors: [{ row: 3, code: 'rego_parse_error' }, {}],
    });
    const judged = await owner.post('/api/v1/policies/evaluate', {
      rego: 'package main\n\ndeny contains "no" if input.kind == "Pod"',
      dialect: 'conftest',
      object: aPod('web'),
    });
    expect(judged.body).toMatchObject({ verdict: 'fail', findings: [{ message: 'no' }] });
    const id = (await policy('k8swantslabels')).id;
    const tests = `package k8swantslabels_test

import data.k8swantslabels

test_wants {
  count(k8swantslabels.violation) == 1 with input as {"review": {"object": {"metadata": {"name": "a"}}}, "parameters": {"labels": ["x"]}}
}
`;
    const cases = [{ name: 'wants', expect: 'fail', object: aPod('web'), parameters: { labels: ['x'] } }];
    const run = await owner.post(`/api/v1/policies/${id}/test`, { tests, cases });
    expect(run.body).toMatchObject({ ok: true, errors: [], coverage: { share: 1 } });
    const cloned = await owner.post(`/api/v1/policies/${id}/clone`, { slug: 'labels-of-ours' });
    expect(cloned.body).toMatchObject({ origin: 'custom', status: 'draft' });
    expect(await version(cloned.body as PolicyDetail)).toMatchObject({ dialect: 'gatekeeper', rego_version: 'v0' });
  });
});

const NEW_REGO = 'package both\n\nviolation contains {"msg": "always"} if input.review.object.metadata.name';

function asking(expression: string): string {
  return `package asks\n\nviolation[{"msg": "asked"}] {\n  answer := ${expression}\n  answer\n}\n`;
}
