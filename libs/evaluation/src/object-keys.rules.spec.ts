import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import type { RelatedDeclaration } from '#engine';
import { candidatesOf, type KnownObject, referencesOf } from '#judging';
import { identityOf } from '#kube';
import { dependentKeys, keptPaths, keysOf, type PathKey } from './object-keys.rules.js';

const declares = (select: string, kind: string | string[] = 'v1/Any'): RelatedDeclaration => ({
  name: 'others',
  kind,
  select,
  need: 'refines',
});
const known = (object: JsonObject): KnownObject => {
  const identity = identityOf(object);
  if (identity === undefined) throw new Error('the test’s object has no identity');
  return { identity, object };
};
const aBinding = known({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'b', namespace: 'shop' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'edit' },
  hosts: ['x', 'y', 'x'],
  other: 'y',
});
const ROLES = ['rbac.authorization.k8s.io/Role', 'rbac.authorization.k8s.io/ClusterRole'];

describe('the paths that rows are kept for', () => {
  it('are those of all policies that look beyond a namespace, each once', () => {
    const paths = keptPaths([
      declares('same_namespace'),
      declares('cluster(index: hosts[], other)'),
      declares('cluster(index:other)'),
      declares('ref(roleRef)'),
      declares('ref(roleRef)'),
      declares('nonsense'),
    ]);
    expect(paths.map(({ by, label }) => `${by} ${label}`)).toEqual([
      'key hosts[]',
      'key other',
      'reference ref(roleRef)',
    ]);
  });

  it('that an author wrote endlessly long still fit into a row', () => {
    const [path] = keptPaths([declares(`ref(${'a.'.repeat(4_000)}b)`)]);
    expect(path?.label).toMatch(/^sha256:/);
  });
});

it('an object is kept under what it holds and what it names, each once; by a name alone, of no kind', () => {
  const rows = keysOf(aBinding, keptPaths([declares('cluster(index: hosts[], other)'), declares('ref(roleRef)')]));
  expect(rows).toEqual([
    { path: 'hosts[]', key: '"x"' },
    { path: 'hosts[]', key: '"y"' },
    { path: 'other', key: '"y"' },
    { path: 'ref(roleRef)', key: '["Role","shop","edit"]' },
    { path: 'ref(roleRef)', key: '["Role","","edit"]' },
  ]);
  const byName = keysOf(aBinding, keptPaths([declares('ref(other)')]));
  expect(byName.map(({ key }) => key)).toEqual(['["","shop","y"]', '["","","y"]']);
});

describe('a change is looked for', () => {
  const role = { group: 'rbac.authorization.k8s.io', kind: 'Role', namespace: 'shop', name: 'edit' };
  const declarations = [declares('ref(roleRef)', ROLES), declares('ref(spec.config)', 'ConfigMap')];

  it('under its own name, where policies look for its kind', () => {
    expect(dependentKeys(role, [], declarations)).toEqual([
      { path: 'ref(roleRef)', key: '["Role","shop","edit"]' },
      { path: 'ref(roleRef)', key: '["","shop","edit"]' },
    ]);
    const clusterRole = { ...role, kind: 'ClusterRole', namespace: '' };
    expect(dependentKeys(clusterRole, [], declarations).map(({ key }) => key)).toEqual([
      '["ClusterRole","","edit"]',
      '["","","edit"]',
    ]);
    expect(dependentKeys({ ...role, kind: 'RoleBinding' }, [], declarations)).toEqual([]);
  });

  it('under each key that it has or had, at every path of the same relation and no other', () => {
    const keys: PathKey[] = [
      { path: 'hosts[]', key: '"x"' },
      { path: 'other', key: '"x"' },
      { path: 'elsewhere', key: '"z"' },
    ];
    expect(dependentKeys(role, keys, [declares('cluster(index: hosts[], other)')])).toEqual([
      { path: 'hosts[]', key: '"x"' },
      { path: 'other', key: '"x"' },
    ]);
  });
});

describe('a reference', () => {
  const naming = (...values: unknown[]): KnownObject => ({ ...aBinding, object: { values } as JsonObject });
  const path = { fromPodSpec: false, steps: ['values', '[]'] };

  it('is a name, or an object with one; anything else names nothing', () => {
    const found = referencesOf(
      naming('a', '', { name: 'b', kind: 'Role' }, { name: 'c', namespace: 'data' }, { kind: 'Role' }, 7, ['d']),
      path,
    );
    expect(found).toEqual([
      { kind: undefined, namespace: 'shop', name: 'a' },
      { kind: 'Role', namespace: 'shop', name: 'b' },
      { kind: undefined, namespace: 'data', name: 'c' },
    ]);
  });

  it('may mean, of each kind, the object where that kind lives; of a kind that nobody knows, both', () => {
    const kinds = [
      { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
      { group: '', kind: 'Secret' },
      { group: 'example.org', kind: 'Thing' },
    ];
    const places = (kind?: string): string[] =>
      candidatesOf({ kind, namespace: 'shop', name: 'a' }, kinds).map(
        (one) => `${one.kind} ${one.namespace}/${one.name}`,
      );
    expect(places()).toEqual(['ClusterRole /a', 'Secret shop/a', 'Thing /a', 'Thing shop/a']);
    expect(places('Secret')).toEqual(['Secret shop/a']);
    expect(places('Role')).toEqual([]);
  });
});
