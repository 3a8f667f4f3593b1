import { describe, it, expect } from '@jest/globals';
import { findingFingerprint, identityOf, objectId, violationFingerprint } from './identity.js';

const CLUSTER = '0190a6c0-0000-7000-8000-000000000001';
const object = (metadata: Record<string, string>, apiVersion = 'apps/v1', kind = 'Deployment') => ({
  apiVersion,
  kind,
  metadata,
});

describe('identity', () => {
  it('is the same whatever the API version and uid', () => {
    const one = identityOf(object({ name: 'a', namespace: 'n', uid: '1' }));
    expect(identityOf(object({ name: 'a', namespace: 'n', uid: '2' }, 'apps/v1beta2'))).toEqual(one);
    expect(one).toEqual({ group: 'apps', kind: 'Deployment', namespace: 'n', name: 'a' });
  });

  it('takes generateName as prefix and star, and the name before it', () => {
    expect(identityOf(object({ generateName: 'a-' }))?.name).toBe('a-*');
    expect(identityOf(object({ generateName: 'a-', name: 'a-1' }))?.name).toBe('a-1');
    expect(identityOf(object({}))).toBeUndefined();
  });

  it('gives one id in one cluster and another in the next', () => {
    const identity = { group: '', kind: 'Pod', namespace: 'n', name: 'a' };
    const id = objectId(CLUSTER, identity);
    expect(id).toBe(objectId(CLUSTER, { ...identity }));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/);
    expect(objectId('0190a6c0-0000-7000-8000-000000000002', identity)).not.toBe(id);
    expect(objectId(CLUSTER, { ...identity, namespace: '', name: 'n/a' })).not.toBe(id);
  });
});

describe('fingerprints', () => {
  const identity = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'cart' };
  const subject = { policy: 'no-latest-tag', instance: '', identity };

  it('differ with each part and never run into each other', () => {
    const parts = [
      subject,
      { ...subject, instance: 'x' },
      { ...subject, policy: 'no-latest-tagx' },
      { ...subject, policy: 'no-latest-ta', instance: 'g' },
      { ...subject, identity: { ...identity, group: 'app', kind: 'sDeployment' } },
      { ...subject, identity: { ...identity, namespace: '', name: 'shop/cart' } },
    ];
    expect(new Set(parts.map((part) => violationFingerprint(part).toString('hex'))).size).toBe(parts.length);
    expect(violationFingerprint(subject)).toHaveLength(32);
  });

  it('of a finding survive a reordering of containers', () => {
    const at = (path: string, container?: string) =>
      findingFingerprint(subject, { path, ...(container !== undefined && { container }) }).toString('hex');
    const path = (index: number) => `spec.template.spec.containers[${index}].image`;
    expect(at(path(0), 'web')).toBe(at(path(1), 'web'));
    expect(at(path(0), 'web')).not.toBe(at(path(0), 'proxy'));
    expect(at('spec.template.spec.initContainers[0].image', 'web')).not.toBe(at(path(0), 'web'));
    expect(at('spec.template.spec.containers[0].ports[0]', 'web')).not.toBe(
      at('spec.template.spec.containers[0].ports[1]', 'web'),
    );
    expect(at(path(0))).not.toBe(at(path(1)));
  });
});
