import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { identityOf, KEYS_MAX } from '#kube';
import { type KnownObject, KnownObjects } from './known-objects.js';
import { INVENTORY_MAX, NAMESPACE_MAX, resolveRelated, SHARING_MAX } from './related.rules.js';

const known = (object: JsonObject): KnownObject => {
  const identity = identityOf(object);
  if (identity === undefined) throw new Error('the test’s object has no identity');
  return { identity, object };
};
const inventory = (...objects: JsonObject[]): KnownObjects => new KnownObjects('all', objects.map(known));
const posted = (...objects: JsonObject[]): KnownObjects => new KnownObjects('posted', objects.map(known));
const declares = (changes: Partial<RelatedDeclaration>): Pick<PolicyMetadata, 'related'> => ({
  related: [
    {
      name: 'others',
      kind: 'autoscaling/HorizontalPodAutoscaler',
      select: 'same_namespace',
      fields: ['metadata.name', 'spec.minReplicas'],
      need: 'refines',
      ...changes,
    },
  ],
});
const namesOf = (found: Record<string, JsonObject[]>): unknown =>
  found['others']?.map(({ metadata }) => (metadata as JsonObject)['name']);

const anAutoscaler = (name: string, changes: JsonObject = {}): JsonObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace: 'shop', labels: { team: 'shop' } },
  spec: { minReplicas: 2, maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
  ...changes,
});
const aDeployment = (name: string, namespace = 'shop', ports: JsonObject[] = []): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: { template: { spec: { containers: [{ name: 'app', image: 'nginx:1', ports }] } } },
});
const aNamespace = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

describe('what a policy sees of its namespace', () => {
  const web = known(aDeployment('web'));

  it('is cut to the fields that it declares, so that nothing else can change its verdict', () => {
    const found = resolveRelated(declares({}), web, inventory(anAutoscaler('a')));
    expect(found).toEqual({ others: [{ metadata: { name: 'a' }, spec: { minReplicas: 2 } }] });
  });

  it('is not shown where there is too much of it: the relation counts as not resolved', () => {
    const many = (count: number) => inventory(...Array.from({ length: count }, (_, n) => anAutoscaler(`a-${n}`)));
    expect(namesOf(resolveRelated(declares({}), web, many(NAMESPACE_MAX)))).toHaveLength(NAMESPACE_MAX);
    expect(resolveRelated(declares({}), web, many(NAMESPACE_MAX + 1))).toEqual({});
  });

  it('lies in the namespace of the judged object', () => {
    const elsewhere = anAutoscaler('b', { metadata: { name: 'b', namespace: 'data' } });
    const source = inventory(anAutoscaler('a'), elsewhere);
    const names = (namespace: string): unknown =>
      namesOf(resolveRelated(declares({}), known(aDeployment('web', namespace)), source));
    expect([names('shop'), names('data'), names('empty')]).toEqual([['a'], ['b'], []]);
  });

  it('is that of the namespace that it is, where a Namespace is judged', () => {
    const clusterScoped = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } };
    const source = inventory(anAutoscaler('a'), clusterScoped);
    const policy = declares({ kind: ['autoscaling/HorizontalPodAutoscaler', 'core/Node'] });
    expect(namesOf(resolveRelated(policy, known(aNamespace('shop')), source))).toEqual(['a']);
    expect(namesOf(resolveRelated(policy, known(clusterScoped), source))).toEqual(['node']);
  });

  it('is of the declared kind and group', () => {
    const source = inventory(
      anAutoscaler('a'),
      anAutoscaler('other-group', { apiVersion: 'example.org/v1' }),
      anAutoscaler('other-kind', { kind: 'ScaledObject' }),
    );
    expect(namesOf(resolveRelated(declares({}), web, source))).toEqual(['a']);
    const both = declares({ kind: ['autoscaling/HorizontalPodAutoscaler', 'example.org/HorizontalPodAutoscaler'] });
    expect(namesOf(resolveRelated(both, web, source))).toEqual(['a', 'other-group']);
    expect(namesOf(resolveRelated(declares({ kind: 'ScaledObject' }), web, source))).toEqual(['other-kind']);
  });

  it('is empty, not absent, where nothing was found: the policy knows that somebody looked', () => {
    expect(resolveRelated(declares({}), web, inventory())).toEqual({ others: [] });
  });

  it('is absent where nothing was posted and no cluster named: the policy says what it assumed (E7)', () => {
    for (const need of ['refines', 'present'] as const) {
      expect(resolveRelated(declares({ need }), web, posted())).toEqual({});
      expect(namesOf(resolveRelated(declares({ need }), web, posted(anAutoscaler('a'))))).toEqual(['a']);
    }
  });

  it('is absent without a cluster where all of it is needed, whatever was posted', () => {
    const policy = declares({ need: 'complete' });
    expect(resolveRelated(policy, web, posted(anAutoscaler('a')))).toEqual({});
    expect(namesOf(resolveRelated(policy, web, inventory(anAutoscaler('a'))))).toEqual(['a']);
  });

  it('is absent while a cluster is listed where something there is needed: what is missing may still be listed', () => {
    const listed = new KnownObjects('listed', [anAutoscaler('a')].map(known));
    expect(resolveRelated(declares({ need: 'present' }), web, listed)).toEqual({});
    expect(namesOf(resolveRelated(declares({ need: 'refines' }), web, listed))).toEqual(['a']);
  });

  it('is what was posted last, where an object was posted over another', () => {
    const source = posted(anAutoscaler('a'), anAutoscaler('a', { spec: { minReplicas: 7 } }));
    expect(resolveRelated(declares({}), web, source)['others']).toMatchObject([{ spec: { minReplicas: 7 } }]);
  });
});

describe('what a policy sees of the object that is named', () => {
  const aRole = (name: string, namespace?: string): JsonObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  });
  const aBinding = (roleRef: JsonObject, namespace = 'shop'): KnownObject =>
    known({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'binding', namespace },
      roleRef,
    });
  const policy = declares({
    kind: ['rbac.authorization.k8s.io/Role', 'rbac.authorization.k8s.io/ClusterRole'],
    select: 'ref(roleRef)',
    fields: ['kind', 'metadata'],
    need: 'present',
  });
  const source = inventory(aRole('edit'), aRole('edit', 'shop'), aRole('edit', 'data'));
  const found = (roleRef: JsonObject, namespace?: string): unknown =>
    resolveRelated(policy, aBinding(roleRef, namespace), source)['others'];

  it('is of the kind that the reference says: a Role where the binding is, a ClusterRole anywhere', () => {
    expect(found({ kind: 'Role', name: 'edit' })).toEqual([aRole('edit', 'shop')].map(withoutVersion));
    expect(found({ kind: 'Role', name: 'edit' }, 'data')).toEqual([aRole('edit', 'data')].map(withoutVersion));
    expect(found({ kind: 'ClusterRole', name: 'edit' })).toEqual([aRole('edit')].map(withoutVersion));
  });

  it('is in the namespace that the reference says, which a cluster-scoped kind has none of', () => {
    expect(found({ kind: 'Role', name: 'edit', namespace: 'data' })).toEqual(
      [aRole('edit', 'data')].map(withoutVersion),
    );
    expect(found({ kind: 'ClusterRole', name: 'edit', namespace: 'data' })).toEqual(
      [aRole('edit')].map(withoutVersion),
    );
  });

  it('is nothing where the reference’s kind is none of those declared, or nothing has the name', () => {
    expect(found({ kind: 'Group', name: 'edit' })).toBeUndefined();
    expect(found({ kind: 'Role', name: 'admin' })).toBeUndefined();
    expect(found({ kind: 'Role', name: 'edit' }, 'empty')).toBeUndefined();
  });

  it('is empty, not absent, where all of it is needed and known: the policy says what is missing', () => {
    const complete = declares({ ...policy.related[0], need: 'complete' });
    const judged = aBinding({ kind: 'Role', name: 'admin' });
    expect(resolveRelated(complete, judged, source)).toEqual({ others: [] });
    expect(resolveRelated(complete, judged, posted(aRole('edit', 'shop')))).toEqual({});
  });

  it('is everything of the declared kinds by that name where only a name is written', () => {
    const byName = declares({ kind: 'ConfigMap', select: 'ref(@pod.volumes[].configMap.name)', fields: ['metadata'] });
    const aConfig = (name: string, namespace = 'shop'): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
    });
    const object = aDeployment('web');
    const volumes = [{ configMap: { name: 'b' } }, { emptyDir: {} }, { configMap: { name: 'a' } }, { configMap: {} }];
    const web = known({ ...object, spec: { template: { spec: { volumes, containers: [] } } } });
    expect(namesOf(resolveRelated(byName, web, posted(aConfig('b'), aConfig('a'), aConfig('a', 'data'))))).toEqual([
      'a',
      'b',
    ]);
    expect(resolveRelated(byName, web, posted(aConfig('c')))).toEqual({});
  });

  it('is empty, not absent, for a policy that needs all there is, where all is known and what is named is not there', () => {
    const complete = { related: policy.related.map((one) => ({ ...one, need: 'complete' as const })) };
    const missing = aBinding({ kind: 'Role', name: 'gone' });
    expect(resolveRelated(complete, missing, source)).toEqual({ others: [] });
    expect(resolveRelated(policy, missing, source)).toEqual({});
    expect(resolveRelated(complete, missing, posted(aRole('edit', 'shop')))).toEqual({});
  });

  it('is absent for a policy that needs all there is, where an object names more than is read', () => {
    const binding = (count: number): KnownObject =>
      known({ ...aBinding({}).object, subjects: Array.from({ length: count }, (_, i) => ({ name: `a-${i}` })) });
    const complete = declares({ kind: 'core/ServiceAccount', select: 'ref(subjects[])', need: 'complete' });
    expect(resolveRelated(complete, binding(KEYS_MAX), source)).toEqual({ others: [] });
    expect(resolveRelated(complete, binding(KEYS_MAX + 1), source)).toEqual({});
  });

  it('is empty, not absent, for who names nothing: nothing is missing', () => {
    expect(resolveRelated(policy, known(aDeployment('web')), posted())).toEqual({ others: [] });
  });
});

describe('what a policy sees of those that share a key', () => {
  const policy = declares({
    kind: ['apps/Deployment', 'core/Pod'],
    select: 'cluster(index: @pod.containers[].ports[].hostPort, @pod.initContainers[].ports[].hostPort)',
    fields: ['kind', 'metadata.name', '@pod.containers[].ports'],
  });
  const taking = (...ports: number[]): JsonObject[] => ports.map((hostPort) => ({ hostPort }));
  const aPod = (name: string, port: number): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'edge' },
    spec: { initContainers: [{ name: 'init', ports: taking(port) }], containers: [{ name: 'app', image: 'a' }] },
  });

  it('is the others anywhere in the cluster, in the order of their identities, never itself', () => {
    const web = aDeployment('web', 'shop', taking(80, 443));
    const source = inventory(
      aPod('init', 443),
      aDeployment('z', 'data', taking(80)),
      aDeployment('a', 'shop', taking(443, 80)),
      aDeployment('none', 'shop'),
      aDeployment('other', 'shop', taking(8080)),
      { ...aDeployment('set', 'shop', taking(80)), kind: 'StatefulSet' },
      web,
    );
    expect(namesOf(resolveRelated(policy, known(web), source))).toEqual(['init', 'z', 'a']);
  });

  it('is cut to the fields in their places, wherever the kind has its pod spec', () => {
    const source = inventory(aDeployment('a', 'shop', taking(80)), aPod('p', 80));
    const found = resolveRelated(policy, known(aDeployment('web', 'shop', taking(80))), source)['others'];
    expect(found).toEqual([
      { kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{}] } },
      {
        kind: 'Deployment',
        metadata: { name: 'a' },
        spec: { template: { spec: { containers: [{ ports: [{ hostPort: 80 }] }] } } },
      },
    ]);
  });

  it('is empty for who has no key; absent where nobody could look further than what was posted', () => {
    const web = known(aDeployment('web'));
    expect(resolveRelated(policy, web, inventory(aDeployment('a')))).toEqual({ others: [] });
    expect(resolveRelated(policy, web, posted(aDeployment('a')))).toEqual({});
  });

  it('is at most the first two hundred', () => {
    const many = Array.from({ length: SHARING_MAX + 50 }, (_, i) =>
      aDeployment(`d-${String(i).padStart(3, '0')}`, 'data', taking(80)),
    );
    const names = namesOf(
      resolveRelated(policy, known(aDeployment('web', 'shop', taking(80))), inventory(...many.reverse())),
    );
    expect(names).toHaveLength(SHARING_MAX);
    expect([(names as string[])[0], (names as string[]).at(-1)]).toEqual(['d-000', 'd-199']);
  });
});

describe('what a policy sees of everything there is', () => {
  const ofKinds = (...objects: JsonObject[]): Map<string, KnownObject[]> =>
    new Map([['autoscaling/HorizontalPodAutoscaler core/Namespace', objects.map(known)]]);
  const policy = (select = 'inventory', changes: Partial<RelatedDeclaration> = {}) =>
    declares({ kind: ['core/Namespace', 'autoscaling/HorizontalPodAutoscaler'], select, ...changes });
  const web = known(aDeployment('web'));
  const there = ofKinds(
    anAutoscaler('a'),
    anAutoscaler('b', { metadata: { name: 'b', namespace: 'data' } }),
    aNamespace('shop'),
  );

  it('is all of its kinds, what was posted over it', () => {
    const changed = anAutoscaler('a', { spec: { minReplicas: 7 } });
    const source = new KnownObjects('all', [known(changed), known(aDeployment('other'))], there);
    const found = resolveRelated(
      policy('inventory', { fields: ['metadata.name', 'metadata.namespace', 'spec.minReplicas'] }),
      web,
      source,
    )['others'];
    expect(found).toEqual([
      { metadata: { name: 'shop' } },
      { metadata: { name: 'b', namespace: 'data' }, spec: { minReplicas: 2 } },
      { metadata: { name: 'a', namespace: 'shop' }, spec: { minReplicas: 7 } },
    ]);
  });

  it('is not what lies in namespaces that are left out, nor such a Namespace', () => {
    const source = new KnownObjects('all', [], there);
    expect(namesOf(resolveRelated(policy('inventory(except: sh*, none)'), web, source))).toEqual(['b']);
  });

  it('is the same list for all that is judged beside it', () => {
    const source = new KnownObjects('all', [], there);
    const { related } = policy();
    const [one, other] = [web, known(aDeployment('api'))].map((judged) => resolveRelated({ related }, judged, source));
    expect(one?.['others']).toBe(other?.['others']);
  });

  it('is absent where not all is known, or there is too much of it', () => {
    expect(resolveRelated(policy(), web, new KnownObjects('listed', [], there))).toEqual({});
    expect(resolveRelated(policy(), web, posted(anAutoscaler('a')))).toEqual({});
    const many = Array.from({ length: INVENTORY_MAX + 1 }, (_, n) => anAutoscaler(`a-${n}`));
    expect(resolveRelated(policy(), web, new KnownObjects('all', [], ofKinds(...many)))).toEqual({});
    expect(namesOf(resolveRelated(policy(), web, new KnownObjects('all', [], ofKinds(...many.slice(1)))))).toHaveLength(
      INVENTORY_MAX,
    );
  });
});

it('a relation that nobody could have written is never resolved', () => {
  const source = inventory(anAutoscaler('a'));
  for (const select of ['everything', 'ref()', 'cluster(index: )', 'cluster(index: a, )', 'ref(a..b)'])
    expect(resolveRelated(declares({ select }), known(aDeployment('web')), source)).toEqual({});
});

function withoutVersion({ kind, metadata }: JsonObject): JsonObject {
  return { kind: kind ?? null, metadata: metadata ?? null };
}
