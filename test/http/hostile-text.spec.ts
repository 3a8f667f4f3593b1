import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCursor } from '#kernel';
import type { ValidationResult, ViolationShape } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const NUL = '\0';
const HALF = '\ud800';
const aPod = (name: string, image: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { containers: [{ name: 'app', image }] },
});

describe('texts that no database takes', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'one');
  });
  afterAll(() => platform.stop());

  const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];
  const imagesFound = async (): Promise<unknown> => {
    const path = `/api/v1/violations?cluster_id=${agent.clusterId}&policy=no-latest-tag&sort=-opened_at`;
    const { items } = (await platform.owner.get(path)).body as { items: ViolationShape[] };
    return items.map(({ object, findings }) => [object.name, findings[0]?.found]).sort();
  };

  it('in one object don’t keep a cluster from being judged: it is mended, and judged with the others', async () => {
    const long = 'u'.repeat(40) + Array.from({ length: 4_000 }, (_, i) => i.toString(36)).join('');
    const owner = { apiVersion: 'v1', kind: 'ReplicaSet', name: 'x', controller: true, uid: long };
    const { rejected } = await agent.list([
      aPod('nul', `nginx${NUL}`),
      aPod('half', `nginx${HALF}`),
      aPod('noted', 'nginx', { annotations: { [`a${NUL}`]: HALF } }),
      aPod('uid', 'nginx', { uid: NUL }),
      aPod('long-uid', 'nginx', { uid: long, ownerReferences: [owner] }),
      aPod('fine', 'nginx'),
    ]);
    expect(rejected).toEqual([]);
    await platform.settle();
    expect(await imagesFound()).toEqual([
      ['fine', 'nginx'],
      ['half', 'nginx\ufffd'],
      ['long-uid', 'nginx'],
      ['noted', 'nginx'],
      ['nul', 'nginx\ufffd'],
      ['uid', 'nginx'],
    ]);
  });

  it('in what an agent says besides are mended too; a kind longer than there can be is refused alone', async () => {
    const changes = [
      {
        op: 'upsert' as const,
        object: aPod('told', 'nginx:1'),
        attributes: { origin: { last_manager: NUL, half: HALF } },
      },
      { op: 'upsert' as const, object: { ...aPod('x', 'nginx'), kind: 'K'.repeat(64) } },
      { op: 'upsert' as const, object: { ...aPod('x', 'nginx'), apiVersion: `${'g'.repeat(320)}/v1` } },
      { op: 'delete' as const, api_version: 'v1', kind: 'Pod', namespace: NUL, name: HALF },
    ];
    const { rejected } = await agent.send(changes);
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_object'],
      [2, 'invalid_object'],
    ]);
    const problems = [{ path: `a${NUL}.yaml`, line: 1, column: 1, code: 'x', message: HALF }];
    const last = { epoch: 2, seq: 3, normaliser: 1, changes: [], problems };
    expect((await agent.client.post('/agent/v1/inventory', last)).status).toBe(200);
    const { body } = await platform.owner.get(`/api/v1/clusters/${agent.clusterId}`);
    expect((body as { problems: object[] }).problems).toMatchObject([{ path: 'a\ufffd.yaml', message: '\ufffd' }]);
  });

  it('in posted specs are judged as anything else, in JSON and in YAML', async () => {
    const pod = aPod('a', `nginx${NUL}`);
    const yaml =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: app, image: "nginx\\0"}]}\n';
    for (const body of [{ specs: [pod] }, pod, { manifest: yaml }, { specs: [aPod('a', `nginx${HALF}`)] }]) {
      const answer = await platform.owner.post('/api/v1/validate', body);
      expect(answer.status).toBe(200);
      const { violations } = answer.body as ValidationResult;
      expect(violations.find(({ policy }) => policy.slug === 'no-latest-tag')?.findings[0]?.found).toBe('nginx\ufffd');
    }
  });

  it.each<[string, object, string]>([
    ['a file’s name', { files: [{ path: `a${NUL}`, content: 'x: 1' }] }, '/files/0/path'],
    ['the context', { specs: [aPod('a', 'a')], context: { repository: HALF } }, '/context/repository'],
    ['the cluster', { specs: [aPod('a', 'a')], cluster: NUL }, '/cluster'],
    ['a label of the cluster', { specs: [aPod('a', 'a')], cluster_labels: { 'a/b': NUL } }, '/cluster_labels/a~1b'],
    ['the namespace', { specs: [aPod('a', 'a')], namespace: 'not a namespace' }, '/namespace'],
  ])('in the envelope are refused with their place: %s', async (_what, body, pointer) => {
    const answer = await platform.owner.post('/api/v1/validate', body);
    expect(problem(answer)).toEqual([400, 'invalid_body']);
    expect((answer.body as { errors: { pointer: string }[] }).errors.map((place) => place.pointer)).toEqual([pointer]);
  });

  it.each<[string, string, object, string]>([
    ['an environment', '/api/v1/clusters', { name: 'a', environment: `a${NUL}b` }, '/environment'],
    ['a label', '/api/v1/clusters', { name: 'a', labels: { 'a/b': HALF } }, '/labels/a~1b'],
    ['the name of a label', '/api/v1/clusters', { name: 'a', labels: { [NUL]: 'b' } }, `/labels/${NUL}`],
    ['the name of a key', '/api/v1/api-keys', { name: HALF, scopes: ['read'] }, '/name'],
    ['the name of an organization', '/api/v1/organizations', { slug: 'nul', name: `x${NUL}` }, '/name'],
    ['an agent’s version', '/agent/v1/enroll', { token: 'x', agent_version: NUL }, '/agent_version'],
    ['a heartbeat', '/agent/v1/heartbeat', { epoch: 1, seq: 1, agent_version: NUL }, '/agent_version'],
  ])('in %s are refused with their place', async (_what, path, body, pointer) => {
    const answer = await platform.owner.post(path, body);
    expect(problem(answer)).toEqual([400, 'invalid_body']);
    expect((answer.body as { errors: object[] }).errors).toMatchObject([{ pointer }]);
  });

  it.each([
    ['/violations?q=%00', 'invalid_filter'],
    ['/violations?namespace=%00', 'invalid_filter'],
    ['/violations?policy=a%00', 'invalid_filter'],
    ['/clusters?name=%00', 'invalid_filter'],
    ['/policies?kind=%00', 'invalid_filter'],
    ['/compliance?policy=%00', 'invalid_filter'],
    ['/violations?from=0000-01-01T00:00:00Z', 'invalid_filter'],
    ['/violations?cursor=%00', 'invalid_cursor'],
    [`/clusters?cursor=${encodeCursor('name', [NUL])}`, 'invalid_cursor'],
    [`/violations?cursor=${encodeCursor('-opened_at', ['yesterday', 'x'])}`, 'invalid_cursor'],
    [`/violations?sort=-severity&cursor=${encodeCursor('-severity', ['x', 'y', 'z'])}`, 'invalid_cursor'],
    [`/runs?cursor=${encodeCursor('-requested_at', ['yesterday', 'x'])}`, 'invalid_cursor'],
    [`/validations?cursor=${encodeCursor('-at', ['yesterday', 'x'])}`, 'invalid_cursor'],
    [`/api-keys?cursor=${encodeCursor('id', ['x'])}`, 'invalid_cursor'],
    [`/policies?cursor=${encodeCursor('slug', [HALF])}`, 'invalid_cursor'],
  ])('in %s are refused as %s', async (path, code) => {
    expect(problem(await platform.owner.get(`/api/v1${path}`))).toEqual([400, code]);
  });

  it('in a path name nothing that is there', async () => {
    for (const path of [
      '/policies/%00',
      '/clusters/%00',
      '/violations/cls_%00',
      '/policies/constructor',
      '/policies/__proto__',
    ])
      expect([path, ...problem(await platform.owner.get(`/api/v1${path}`))]).toEqual([path, 404, 'not_found']);
  });
});
