import { requirePublicId } from '#kernel';
import type { Bundle } from '#contracts';
import { bindOwn } from './bindings.js';
import { TestAgent } from './test-agent.js';
import type { TestClient } from './test-client.js';
import type { TestPlatform } from './test-platform.js';

/** A policy that compiles, and says no to some. */
export const OWN_REGO = `package own

violation contains {
  "path": "metadata.labels.team",
  "found": null,
  "expected": "a team",
  "message": "It belongs to no team.",
} if not input.review.object.metadata.labels.team
`;

type Ids = Record<string, string>;

/** A first organization with something of everything: what people go on using, and one more that may go. */
export interface LivedIn {
  owner: TestClient;
  agent: TestAgent;
  /** Ids by the resource's name in the path. */
  kept: Ids;
  /** Of what may be taken away or replaced. */
  spare: Ids;
  /** An enrolment token that was not used. */
  enrollmentToken: string;
  /** A moment before anything changed, and one after. */
  span: { from: string; to: string };
}

/**
 * Gives the first organization clusters with objects and violations, policies, sets, bindings, runs, validations, keys.
 * @param platform without a worker of its own
 */
export async function livedIn(platform: TestPlatform): Promise<LivedIn> {
  const { owner } = platform;
  const from = await momentOf(owner);
  const agent = await TestAgent.enroll(platform, owner, 'prod');
  const beside = await make<{ id: string; enrollment: { token: string } }>(owner, '/clusters', { name: 'spare' });
  const [kept, spare] = [await resources(owner, 'kept'), await resources(owner, 'spare')];
  for (const tag of ['1', '2']) {
    await agent.list([aPod('web', `nginx:${tag}`), aPod('api', 'api'), aPod('job', 'job')]);
    await platform.settle();
    for (const id of [agent.clusterId, beside.id]) await make(owner, `/clusters/${id}/runs`);
    await platform.settle();
    await make(owner, '/validate', { specs: [aPod('posted', `nginx:${tag}`)] });
  }
  await quarantine(platform, spare['policies'] ?? '');
  const stranger = await platform.stranger();
  return {
    owner,
    agent,
    kept: {
      ...kept,
      clusters: agent.clusterId,
      objects: agent.publicObjectId({ namespace: 'shop', name: 'web' }),
      violations: await firstOf(owner, '/violations'),
      validations: await firstOf(owner, '/validations'),
      runs: await firstOf(owner, '/runs'),
      'git-checks': await firstOf(owner, '/git-checks'),
      modules: (await make<Bundle>(owner, '/validate/bundle', {})).modules[0]?.key ?? '',
      organizations: ((await stranger.get('/api/v1/organization')).body as { id: string }).id,
    },
    spare: { ...spare, clusters: beside.id, source: await keptElsewhere(owner) },
    enrollmentToken: beside.enrollment.token,
    span: { from, to: await momentOf(owner) },
  };
}

async function resources(owner: TestClient, name: string): Promise<Ids> {
  const { binding } = await bindOwn(owner, { name });
  const { id: target } = await make(owner, '/targets', { name: `${name}, unused` });
  const { id: trigger } = await make(owner, '/triggers', {
    name: `${name}, unused`,
    type: 'schedule',
    cron: '0 3 * * *',
  });
  const about = { slug: name, title: name, category: 'security', severity: 'low', kinds: ['Pod'] };
  const { id: policy } = await make(owner, '/policies', { ...about, rego: OWN_REGO });
  await make(owner, `/policies/${policy}/versions`, { note: 'again' });
  const items = [{ policy: 'no-latest-tag' }];
  const { id: set } = await make(owner, '/policy-sets', { slug: name, title: name, policies: items });
  const { id: key } = await make(owner, '/api-keys', { name, scopes: ['read'] });
  // Nobody is there: it is refused before anybody is asked.
  const source = { name, provider: 'git', url: 'https://git.invalid/acme/shop.git' };
  const { id: gitSource } = await make(owner, '/git-sources', source);
  await make(owner, `/git-sources/${gitSource}/checks`, { ref: 'main' });
  return {
    bindings: binding.id,
    targets: target,
    triggers: trigger,
    policies: policy,
    'policy-sets': set,
    'api-keys': key,
    'git-sources': gitSource,
  };
}

/** @returns the id of a policy that can be let go from where it is kept */
async function keptElsewhere(owner: TestClient): Promise<string> {
  const about = { title: 'elsewhere', category: 'security', severity: 'low', kinds: ['Pod'], source: 'acme/policies' };
  return (await make(owner, '/policies', { slug: 'elsewhere', ...about, rego: OWN_REGO })).id;
}

/** As after the fifth time that a policy took too long. */
async function quarantine(platform: TestPlatform, policyId: string): Promise<void> {
  await platform.query(
    `insert into app.policy_quarantine (org_id, policy_id, version, reason, since)
     select org_id, policy_id, version, 'took too long', created_at from app.policy_version where policy_id = $1 and version = 1`,
    [requirePublicId('policy', policyId)],
  );
}

const aPod = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'app', image }] },
});

async function make<Made = { id: string }>(owner: TestClient, path: string, body?: object): Promise<Made> {
  const { status, body: answer } = await owner.post(`/api/v1${path}`, body);
  if (status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer as Made;
}

async function firstOf(owner: TestClient, path: string): Promise<string> {
  const { items } = (await owner.get(`/api/v1${path}`)).body as { items: { id: string }[] };
  const [first] = items;
  if (first === undefined) throw new Error(`there is nothing under ${path}`);
  return first.id;
}

/** The platform's own time. */
async function momentOf(owner: TestClient): Promise<string> {
  return ((await owner.get('/api/v1/compliance')).body as { as_of: string }).as_of;
}
