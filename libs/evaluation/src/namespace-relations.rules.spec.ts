import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { cutTo, type KnownObject } from '#judging';
import { identityOf } from '#kube';
import { dependentKinds, kindsBeside, namespaceRelations, NamespaceShelf } from './namespace-relations.rules.js';

const looksAt = (kind: string | string[], select = 'same_namespace'): RelatedDeclaration => ({
  name: 'others',
  kind,
  select,
  need: 'refines',
});
const aPolicy = (kinds: string[], ...related: RelatedDeclaration[]): Pick<PolicyMetadata, 'related' | 'kinds'> => ({
  kinds,
  related,
});
const known = (apiVersion: string, kind: string, name: string, namespace?: string): KnownObject => {
  const object: JsonObject = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
  const identity = identityOf(object);
  if (identity === undefined) throw new Error('the test’s object has no identity');
  return { identity, object };
};

const scaled = aPolicy(['Deployment'], looksAt('autoscaling/HorizontalPodAutoscaler'));
const selecting = aPolicy(['core/Service'], looksAt(['core/Pod', 'apps/Deployment']));
const relations = namespaceRelations([
  scaled,
  selecting,
  scaled,
  undefined,
  aPolicy(['*'], looksAt('A', 'ref(spec.a)')),
]);

describe('what is looked at in namespaces', () => {
  it('is that of each policy that looks there, once', () => {
    expect(relations).toMatchObject([
      { judges: ['Deployment'], looksAt: ['HorizontalPodAutoscaler'] },
      { judges: ['core/Service'], looksAt: ['Pod', 'Deployment'] },
    ]);
    expect(relations).toHaveLength(2);
  });

  it('is only what the judged objects’ own policies look at, in their own namespaces', () => {
    const judged = [
      known('apps/v1', 'Deployment', 'web', 'shop'),
      known('apps/v1', 'Deployment', 'api', 'shop'),
      known('v1', 'Service', 'db', 'data'),
      known('v1', 'ConfigMap', 'x', 'quiet'),
    ];
    expect(kindsBeside(relations, judged)).toEqual([
      { namespace: 'shop', kind: 'HorizontalPodAutoscaler' },
      { namespace: 'data', kind: 'Pod' },
      { namespace: 'data', kind: 'Deployment' },
    ]);
  });

  it('of a Namespace is what lies in it', () => {
    const quotas = namespaceRelations([aPolicy(['core/Namespace'], looksAt('core/ResourceQuota'))]);
    const judged = [known('v1', 'Namespace', 'shop')];
    expect(kindsBeside(quotas, judged)).toEqual([{ namespace: 'shop', kind: 'ResourceQuota' }]);
  });
});

describe('what is judged again when something changes in a namespace', () => {
  it('is what the policies that look at it judge', () => {
    expect(dependentKinds(relations)).toEqual({
      looked: ['HorizontalPodAutoscaler', 'Pod', 'Deployment'],
      judged: ['Deployment', 'Service', 'Service'],
      ofNamespaces: [],
    });
  });

  it('is everything where a class or a pattern says what they judge; a Namespace is told apart', () => {
    const wide = namespaceRelations([
      aPolicy(['@pod-spec', 'apps/*'], looksAt('core/LimitRange')),
      aPolicy(['core/Namespace'], looksAt(['core/ResourceQuota'])),
    ]);
    expect(dependentKinds(wide)).toEqual({
      looked: ['LimitRange', 'ResourceQuota'],
      judged: ['*', 'Namespace'],
      ofNamespaces: ['ResourceQuota'],
    });
  });
});

describe('what was loaded', () => {
  const pods = { namespace: 'shop', kind: 'Pod' };
  const services = { namespace: 'shop', kind: 'Service' };

  it('is asked for once, also where there is nothing', () => {
    const shelf = new NamespaceShelf([]);
    expect(shelf.missing([pods, services])).toEqual([pods, services]);
    shelf.add([pods], []);
    expect(shelf.missing([pods, services])).toEqual([services]);
    expect(shelf.missing([{ ...pods, namespace: 'data' }])).toEqual([{ ...pods, namespace: 'data' }]);
  });

  it('is in the order of identities, in whichever it was loaded', () => {
    const [a, b, web] = [
      known('v1', 'Pod', 'a', 'shop'),
      known('v1', 'Pod', 'b', 'shop'),
      known('v1', 'Service', 'web', 'shop'),
    ];
    const shelf = new NamespaceShelf([]);
    shelf.add([services], [web]);
    shelf.add([pods], [b, a]);
    expect(shelf.inNamespace('shop')).toEqual([a, b, web]);
    expect(shelf.inNamespace('data')).toEqual([]);
  });

  it('is cut to what policies are shown of it, which is then the same as of the whole', () => {
    const shown = (fields: string[]): RelatedDeclaration => ({
      ...looksAt(['core/Pod', 'example.com/Custom']),
      fields,
    });
    const declared = namespaceRelations([
      aPolicy(['core/Service'], shown(['metadata.labels'])),
      aPolicy(['core/Service'], shown(['kind', '@pod.containers[].ports'])),
    ]);
    const object = (apiVersion: string, kind: string, holder: JsonObject): JsonObject => ({
      apiVersion,
      kind,
      metadata: { name: 'a', namespace: 'shop', labels: { app: 'web' }, annotations: { note: 'long' } },
      spec: holder,
    });
    const containers = [{ name: 'web', image: 'nginx:1', ports: [{ containerPort: 80 }] }, { name: 'other' }];
    const whole = (given: JsonObject): KnownObject => {
      const identity = identityOf(given);
      if (identity === undefined) throw new Error('the test’s object has no identity');
      return { identity, object: given };
    };
    const pod = whole(object('v1', 'Pod', { containers, nodeName: 'n1' }));
    const custom = whole(object('example.com/v1', 'Custom', { template: { spec: { containers } } }));
    const shelf = new NamespaceShelf(declared);
    shelf.add([pods, { namespace: 'shop', kind: 'Custom' }], [pod, custom]);
    const [keptPod, keptCustom] = shelf.inNamespace('shop');
    expect(keptPod?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'shop', labels: { app: 'web' } },
      spec: { containers: [{ ports: [{ containerPort: 80 }] }, {}] },
    });
    expect(keptCustom).toEqual(custom);
    for (const { declarations } of declared) {
      const [{ fields }] = declarations as [RelatedDeclaration];
      expect(cutTo(keptPod?.object ?? {}, fields)).toEqual(cutTo(pod.object, fields));
    }
  });
});
