import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemScope } from '#kernel';
import type { PolicySetShape, TriggerShape, ValidationResult, ViolationShape } from '#contracts';
import { BuiltInLibrary, ProvisioningService } from '#policies';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { silentLogger } from '#testing';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

const STRICT = { strict_upstream: true };
/** What the restricted level allows. */
const HARDENED = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const aPod = (name: string, context: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: {
    containers: [{ name: 'app', image: 'registry.example.com/shop/app:1.0', securityContext: context }],
    ...more,
  },
});
const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '60' }] } });

describe('the Pod Security sets', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  let ci: TriggerShape;
  let bound = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await agent.beat({ kubernetes_version: 'v1.28.9-gke.100' });
    ci = (await platform.owner.post('/api/v1/triggers', { name: 'posts', type: 'ci' })).body as TriggerShape;
  });
  afterAll(() => platform.stop());

  /** What the bindings of the test's own say of an object: `policy/instance: enforcement`. */
  const findings = async (spec: object, more: object = {}): Promise<string[]> => {
    const { status, body } = await platform.owner.post('/api/v1/validate', { specs: [spec], ...more });
    expect(status).toBe(200);
    return (body as ValidationResult).violations
      .filter(({ instance }) => instance !== '')
      .map(({ policy, instance, enforcement }) => `${policy.slug}/${instance}: ${enforcement}`)
      .sort();
  };
  const bind = async (level: string, more: object = {}): Promise<string> => {
    const members = { name: `${level} ${++bound}`, policy_set: `pod-security-${level}`, trigger_ids: [ci.id], ...more };
    return (await bindOwn(platform.owner, members)).binding.id;
  };
  const unbind = (...ids: string[]) => Promise.all(ids.map((id) => platform.owner.delete(`/api/v1/bindings/${id}`)));

  it('show what they give their members', async () => {
    const get = async (slug: string) =>
      (await platform.owner.get(`/api/v1/policy-sets/${slug}`)).body as PolicySetShape;
    const restricted = await get('pod-security-restricted');
    expect(restricted.policies).toHaveLength(18);
    expect(restricted.policies).toContainEqual({
      policy: 'run-as-non-root',
      instance: 'pod-security',
      parameters: STRICT,
    });
    const baseline = await get('pod-security-baseline');
    expect(baseline.policies).toHaveLength(14);
    expect(baseline.policies).toContainEqual({
      policy: 'seccomp-profile',
      instance: 'pod-security-baseline',
      parameters: { ...STRICT, upstream_level: 'baseline', allow_unset: true },
    });
    expect(await platform.owner.get('/api/v1/policy-sets?limit=200')).toMatchObject({ status: 200 });
  });

  it('refuse what upstream refuses, and let pass what it lets pass', async () => {
    const id = await bind('restricted');
    expect(await findings(aPod('plain', {}))).toEqual([
      'drop-all-capabilities/pod-security: deny',
      'no-privilege-escalation/pod-security: deny',
      'run-as-non-root/pod-security: deny',
      'seccomp-profile/pod-security: deny',
    ]);
    expect(await findings(aPod('hardened', HARDENED))).toEqual([]);
    // Upstream knows no user above 0 that is as good, and no other spelling.
    expect(await findings(aPod('by-user', { ...HARDENED, runAsNonRoot: undefined, runAsUser: 10_001 }))).toEqual([
      'run-as-non-root/pod-security: deny',
    ]);
    expect(await findings(aPod('lower', { ...HARDENED, capabilities: { drop: ['all'] } }))).toEqual([
      'drop-all-capabilities/pod-security: deny',
    ]);
    await unbind(id);
  });

  it('leave the same policies of other bindings as they were', async () => {
    const id = await bind('restricted');
    const { body } = await platform.owner.post('/api/v1/validate', { specs: [aPod('web', { runAsUser: 10_001 })] });
    const said = (body as ValidationResult).violations.filter(({ policy }) => policy.slug === 'run-as-non-root');
    expect(said.map(({ instance }) => instance)).toEqual(['pod-security']);
    await unbind(id);
  });

  it('go by the version of the cluster, else by the latest, unless a binding says which', async () => {
    const id = await bind('baseline');
    const pod = aPod('keepalive', {}, sysctl('net.ipv4.tcp_keepalive_time'));
    const refused = ['sysctls/pod-security: deny'];
    expect(await findings(pod, { cluster: 'prod' })).toEqual(refused);
    expect(await findings(pod)).toEqual([]);
    const parameters = { sysctls: { version: '1.28' } };
    expect((await platform.owner.patch(`/api/v1/bindings/${id}`, { parameters })).status).toBe(200);
    expect(await findings(pod)).toEqual(refused);
    // What the set gives stands where the binding says nothing of it.
    expect(await findings(aPod('slashes', {}, sysctl('net/ipv4/tcp_syncookies')))).toEqual(refused);
    await platform.owner.patch(`/api/v1/bindings/${id}`, { parameters: { sysctls: { strict_upstream: false } } });
    expect(await findings(aPod('slashes', {}, sysctl('net/ipv4/tcp_syncookies')))).toEqual([]);
    await unbind(id);
  });

  it('refuse a version that is none', async () => {
    const target = await platform.owner.post('/api/v1/targets', { name: 'odd versions' });
    const answer = await platform.owner.post('/api/v1/bindings', {
      name: 'odd versions',
      policy_set: 'pod-security-restricted',
      target_id: (target.body as { id: string }).id,
      trigger_ids: [ci.id],
      enforcement: 'audit',
      parameters: { sysctls: { version: 'newest' } },
    });
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ pointer: '/parameters/sysctls/version' }] }]);
  });

  it('can be bound together, one level to deny and the other to warn', async () => {
    const ids = [await bind('baseline'), await bind('restricted', { enforcement: 'warn' })];
    const unconfined = { ...HARDENED, seccompProfile: { type: 'Unconfined' } };
    expect(await findings(aPod('none', { ...HARDENED, seccompProfile: undefined }))).toEqual([
      'seccomp-profile/pod-security: warn',
    ]);
    expect(await findings(aPod('unconfined', unconfined))).toEqual([
      'seccomp-profile/pod-security-baseline: deny',
      'seccomp-profile/pod-security: warn',
    ]);
    expect(await findings(aPod('node', HARDENED, { hostPID: true }))).toEqual(['no-host-pid/pod-security: deny']);
    await unbind(...ids);
  });

  it('are judged again in the cluster when a release gives them other parameters', async () => {
    const { binding } = await bindOwn(platform.owner, {
      name: 'audited',
      policy_set: 'pod-security-restricted',
      enforcement: 'audit',
    });
    await agent.list([aPod('by-user', { ...HARDENED, runAsNonRoot: undefined, runAsUser: 10_001 })]);
    await platform.settle();
    const failing = async (): Promise<string[]> => {
      const { body } = await platform.owner.get('/api/v1/violations?policy=run-as-non-root');
      return (body as { items: ViolationShape[] }).items.map(({ instance, object }) => `${instance}: ${object.name}`);
    };
    expect(await failing()).toEqual(['pod-security: by-user']);
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    const { module } = platform.app.get(BuiltInLibrary);
    const sets = module.manifest.sets.map((set) => ({
      ...set,
      policies: set.policies.map((item) => ({ ...item, parameters: {} })),
    }));
    const later = new BuiltInLibrary({ ...module, manifest: { ...module.manifest, sets } });
    const provisioning = new ProvisioningService(platform.app.get(Database), later, silentLogger);
    await provisioning.reconcile(systemScope(orgId, 'test'));
    await platform.settle();
    expect(await failing()).toEqual([]);
    await unbind(binding.id);
  });
});
