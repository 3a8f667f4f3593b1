import { describe, it, expect } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { alikeKey } from './alike.js';
import type { OwnerReference } from './attributes.js';
import { OwnershipResolver, type OwnedObject } from './ownership.js';

const identity = (kind: string, name: string, namespace = 'n') => ({
  group: kind === 'Pod' ? '' : 'apps',
  kind,
  namespace,
  name,
});
const reference = (kind: string, name: string, uid: string): OwnerReference => ({
  api_version: 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
});
const object = (kind: string, name: string, uid: string | null, ...ownerReferences: OwnerReference[]): OwnedObject => ({
  identity: identity(kind, name),
  uid,
  ownerReferences,
});

const deployment = object('Deployment', 'web', 'd');
const replicaSet = object('ReplicaSet', 'web-1', 'r', reference('Deployment', 'web', 'd'));
const pod = object('Pod', 'web-1-x', 'p', reference('ReplicaSet', 'web-1', 'r'));

describe('ownership', () => {
  const resolver = new OwnershipResolver([deployment, replicaSet, pod]);

  it('follows controllers by uid to the top', () => {
    expect(resolver.resolve(pod)).toEqual({
      state: 'resolved',
      top: deployment.identity,
      chain: [replicaSet.identity, deployment.identity],
    });
    expect(resolver.resolve(deployment)).toEqual({ state: 'unowned' });
  });

  it('takes no owner for a controller that does not say it is one', () => {
    const owned = object('Pod', 'a', 'x', { ...reference('Deployment', 'web', 'd'), controller: false });
    expect(resolver.resolve(owned)).toEqual({ state: 'unowned' });
  });

  it.each([
    ['a uid that is not there', reference('Deployment', 'web', 'z'), 'absent'],
    ['no uid', reference('Deployment', 'web', ''), 'no-uid'],
    ['the uid of another kind', reference('Deployment', 'web', 'r'), 'mismatch'],
    ['another name', reference('Deployment', 'other', 'd'), 'mismatch'],
    ['another group', { ...reference('Deployment', 'web', 'd'), api_version: 'evil.io/v1' }, 'mismatch'],
  ])('does not believe a reference with %s', (_what, forged, reason) => {
    expect(resolver.resolve(object('Pod', 'a', 'x', forged))).toEqual({
      state: 'unresolved',
      reason,
      controller: forged,
    });
  });

  it('does not believe an owner in another namespace', () => {
    const stranger: OwnedObject = { ...pod, identity: identity('Pod', 'web-1-x', 'other') };
    expect(resolver.resolve(stranger)).toMatchObject({ state: 'unresolved', reason: 'mismatch' });
  });

  it('is unresolved where the chain breaks further up', () => {
    const broken = new OwnershipResolver([replicaSet, pod]);
    expect(broken.resolve(pod)).toMatchObject({ state: 'unresolved', reason: 'absent', controller: { name: 'web-1' } });
  });

  it('ends at a cycle', () => {
    const a = object('ReplicaSet', 'a', 'a', reference('ReplicaSet', 'b', 'b'));
    const b = object('ReplicaSet', 'b', 'b', reference('ReplicaSet', 'a', 'a'));
    const self = object('ReplicaSet', 's', 's', reference('ReplicaSet', 's', 's'));
    const cyclic = new OwnershipResolver([a, b, self]);
    expect(cyclic.resolve(a)).toMatchObject({ state: 'unresolved', reason: 'cycle' });
    expect(cyclic.resolve(self)).toMatchObject({ state: 'unresolved', reason: 'cycle' });
    const entry = object('Pod', 'p', 'p', reference('ReplicaSet', 'a', 'a'));
    expect(cyclic.resolve(entry)).toMatchObject({ state: 'unresolved', reason: 'cycle' });
  });

  it('knows a mirror pod by its annotation', () => {
    const written = {
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'abc' } },
      spec: { nodeName: 'node-a' },
    };
    const mirror = object('Pod', 'kube-apiserver-node-a', 'm', {
      ...reference('Node', 'node-a', 'nn'),
      api_version: 'v1',
    });
    expect(resolver.resolve(mirror, written)).toEqual({ state: 'mirror', node: 'node-a' });
  });
});

const podObject = (name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'r', controller: true }],
    ...metadata,
  },
  spec: {
    nodeName: `node-of-${name}`,
    containers: [{ name: 'c', image: 'a', volumeMounts: [{ name: `kube-api-access-${name}`, mountPath: '/var/run' }] }],
    volumes: [{ name: `kube-api-access-${name}`, projected: { sources: [] } }],
    ...spec,
  },
});

describe('pods alike', () => {
  it('but for name, node and token volume share one key', () => {
    expect(alikeKey(podObject('abcde'))).toBe(alikeKey(podObject('fghij')));
  });

  it('but for the ordinal of their set or the node of their DaemonSet share one key', () => {
    const bound = (node: string) => ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
          },
        },
      },
    });
    const ordinal = (name: string) => ({ labels: { app: 'a', 'statefulset.kubernetes.io/pod-name': name } });
    expect(alikeKey(podObject('abcde', bound('x'), ordinal('p-0')))).toBe(
      alikeKey(podObject('fghij', bound('y'), ordinal('p-1'))),
    );
  });

  it.each([
    [
      'an injected container',
      podObject('fghij', {
        containers: [
          { name: 'c', image: 'a' },
          { name: 'x', image: 'b' },
        ],
      }),
    ],
    ['an ephemeral container', podObject('fghij', { ephemeralContainers: [{ name: 'x', image: 'b' }] })],
    ['another label', podObject('fghij', {}, { labels: { a: 'b' } })],
    [
      'a host path under the name of a token volume',
      podObject('fghij', { volumes: [{ name: 'kube-api-access-fghij', hostPath: { path: '/' } }] }),
    ],
    [
      'another owner',
      podObject(
        'fghij',
        {},
        { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 's', uid: 's', controller: true }] },
      ),
    ],
  ])('but for %s do not', (_what, other) => {
    expect(alikeKey(other)).toBeDefined();
    expect(alikeKey(other)).not.toBe(alikeKey(podObject('abcde')));
  });

  it('have no key where nobody controls them', () => {
    expect(alikeKey(podObject('abcde', {}, { ownerReferences: [] }))).toBeUndefined();
    expect(alikeKey({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })).toBeUndefined();
  });
});
