import { describe, expect, it } from '@jest/globals';
import type { InventoryChange } from '#contracts';
import { uuidV7 } from '#kernel';
import { prepareChanges } from './inventory-change.rules.js';

const CLUSTER = uuidV7(1_000);
const aPod = (name: string, metadata: object = {}, image = 'nginx') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { containers: [{ name: 'app', image }] },
});
const upsert = (object: object, more: object = {}) => ({ op: 'upsert', object, ...more }) as InventoryChange;
const remove = (name: string, namespace = 'shop'): InventoryChange => ({
  op: 'delete',
  api_version: 'v1',
  kind: 'Pod',
  namespace,
  name,
});
const prepare = (...changes: InventoryChange[]) => prepareChanges(CLUSTER, changes);

describe('what an agent sends', () => {
  it('is normalised again: the agent is not trusted to have done so (V3)', () => {
    const plain = prepare(upsert(aPod('a'))).prepared[0];
    const written = prepare(
      upsert({ ...aPod('a', { uid: 'u-1', resourceVersion: '7', managedFields: [] }), status: { phase: 'Running' } }),
    ).prepared[0];
    expect(written?.body).toBe(plain?.body);
    expect(written?.bodyHash).toEqual(plain?.bodyHash);
    expect([plain?.uid, written?.uid]).toEqual([null, 'u-1']);
  });

  it('names objects by what they are, not by version or UID: a delete finds what was sent', () => {
    const [sent] = prepare(upsert(aPod('a', { uid: 'u-1' }))).prepared;
    const [gone] = prepare(remove('a')).prepared;
    expect([gone?.objectId, gone?.bodyHash]).toEqual([sent?.objectId, null]);
    expect(prepareChanges(uuidV7(2_000), [remove('a')]).prepared[0]?.objectId).not.toBe(sent?.objectId);
  });

  it('without a namespace is in default, where its kind has one (F8)', () => {
    const bare = { ...aPod('a'), metadata: { name: 'a' } };
    const [sent] = prepare(upsert(bare)).prepared;
    expect(sent?.identity.namespace).toBe('default');
    expect(prepare(remove('a', '')).prepared[0]?.objectId).toBe(sent?.objectId);
  });

  it('twice counts as it was said last', () => {
    const { prepared } = prepare(upsert(aPod('a')), upsert(aPod('b')), remove('a'), upsert(aPod('a', {}, 'nginx:2')));
    expect(prepared.map(({ identity, body }) => [identity.name, body?.includes('nginx:2')])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(prepare(upsert(aPod('a')), remove('a')).prepared.map(({ bodyHash }) => bodyHash)).toEqual([null]);
  });

  it('that is no object is refused alone, with its place in the batch and in itself', () => {
    const wrong = { ...aPod('b'), spec: { containers: 'none', hostNetwork: 'yes' } };
    const { prepared, rejected } = prepare(upsert(aPod('a')), upsert(wrong), upsert({}), upsert(aPod('c')));
    expect(prepared.map(({ identity }) => identity.name)).toEqual(['a', 'c']);
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_object'],
      [2, 'invalid_object'],
    ]);
    expect(rejected[0]?.message).toContain('spec.hostNetwork');
  });

  it('knows its controller, and no other owner (V4)', () => {
    const owner = (uid: unknown, controller?: boolean) => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'r',
      uid,
      ...(controller !== undefined && { controller }),
    });
    const controllerOf = (...ownerReferences: object[]) =>
      prepare(upsert(aPod('a', { ownerReferences }))).prepared[0]?.controllerUid;
    expect(controllerOf(owner('first'), owner('second', true))).toBe('second');
    expect(controllerOf(owner('first', false))).toBeNull();
    expect(controllerOf(owner('x'.repeat(5_000), true))).toBeNull();
  });

  it('pollutes no prototype', () => {
    const hostile = JSON.parse(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","__proto__":{"polluted":1}},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ) as object;
    prepare(upsert(hostile, { attributes: hostile }));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
