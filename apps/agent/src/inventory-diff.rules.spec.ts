import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { changesBetween, digestOf, stateOf, type SourceObject } from './inventory-diff.rules.js';

const anObject = (name: string, data: JsonObject = {}, kind = 'ConfigMap'): SourceObject => ({
  object: { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop' }, data },
  identity: { group: '', kind, namespace: 'shop', name },
  attributes: { uid: `uid-of-${name}` },
});
const changes = (before: SourceObject[], after: SourceObject[]): unknown[] =>
  changesBetween(stateOf(before), stateOf(after), after).map((change) =>
    change.op === 'delete' ? [change.op, change.kind, change.name] : [change.op, change.object['metadata']],
  );

describe('what an agent tells of a change', () => {
  it('is nothing where nothing changed, in whatever order it is read', () => {
    const objects = [anObject('a', { x: '1', y: '2' }), anObject('b')];
    expect(changes(objects, [anObject('b'), anObject('a', { y: '2', x: '1' })])).toEqual([]);
  });

  it('is what is new, what differs, and what is gone', () => {
    const before = [anObject('same'), anObject('changed', { x: '1' }), anObject('gone')];
    const after = [anObject('same'), anObject('changed', { x: '2' }), anObject('new')];
    expect(changes(before, after)).toEqual([
      ['upsert', { name: 'changed', namespace: 'shop' }],
      ['upsert', { name: 'new', namespace: 'shop' }],
      ['delete', 'ConfigMap', 'gone'],
    ]);
  });

  it('is an end and a beginning where an object’s kind changed', () => {
    expect(changes([anObject('a')], [anObject('a', {}, 'Secret')])).toEqual([
      ['upsert', { name: 'a', namespace: 'shop' }],
      ['delete', 'ConfigMap', 'a'],
    ]);
  });

  it('brings what is no content with it', () => {
    const [change] = changesBetween(new Map(), stateOf([anObject('a')]), [anObject('a')]);
    expect(change).toMatchObject({ op: 'upsert', attributes: { uid: 'uid-of-a' } });
  });
});

describe('the digest of what was told', () => {
  const digest = (...objects: SourceObject[]): string => digestOf(stateOf(objects));

  it('is the same in every order, and differs with content, identity and number (F9)', () => {
    const [a, b] = [anObject('a'), anObject('b')];
    expect(digest(a, b)).toBe(digest(b, a));
    const others = [
      digest(),
      digest(a),
      digest(b),
      digest(anObject('a', { x: '1' }), b),
      digest(a, anObject('b', {}, 'Secret')),
    ];
    expect(new Set([digest(a, b), ...others]).size).toBe(6);
  });
});
