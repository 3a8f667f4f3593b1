import { describe, it, expect } from '@jest/globals';
import * as fc from 'fast-check';
import { clusterDigest, contentDigest, KindDigest } from './digests.js';

const identity = (name: string) => ({ group: 'apps', kind: 'Deployment', namespace: 'n', name });
const digestOf = (entries: [string, string][]) =>
  entries.reduce((digest, [name, content]) => digest.add(identity(name), contentDigest({ content })), new KindDigest());
const entries = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([name]) => name });

describe('digests', () => {
  it('of content do not depend on the order of keys', () => {
    expect(contentDigest({ a: 1, b: [2] })).toEqual(contentDigest({ b: [2], a: 1 }));
    expect(contentDigest({ a: 1 })).not.toEqual(contentDigest({ a: '1' }));
    expect(contentDigest({})).toHaveLength(32);
  });

  it('of a kind do not depend on the order in which objects came', () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(digestOf(all).bytes()).toEqual(digestOf([...all].reverse()).bytes());
      }),
    );
  });

  it('of a kind are as before when what came has gone', () => {
    fc.assert(
      fc.property(entries, fc.string(), (all, name) => {
        const digest = digestOf(all);
        const before = digest.bytes();
        digest.add(identity(name), contentDigest({ x: 1 }));
        expect(digest.bytes()).not.toEqual(before);
        const resumed = new KindDigest(digest.bytes()).remove(identity(name), contentDigest({ x: 1 }));
        expect(resumed.bytes()).toEqual(before);
      }),
    );
  });

  it('of a kind differ when two objects swap their contents', () => {
    expect(
      digestOf([
        ['a', '1'],
        ['b', '2'],
      ]).bytes(),
    ).not.toEqual(
      digestOf([
        ['a', '2'],
        ['b', '1'],
      ]).bytes(),
    );
  });

  it('are refused where they are of the wrong length', () => {
    expect(() => new KindDigest(Buffer.alloc(31))).toThrow(RangeError);
    expect(() => new KindDigest().add(identity('a'), Buffer.alloc(3))).toThrow(RangeError);
  });

  it('of a cluster depend on normaliser and kinds, not on their order or on empty ones', () => {
    const pods = { group: '', kind: 'Pod', digest: digestOf([['a', '1']]).bytes() };
    const deployments = { group: 'apps', kind: 'Deployment', digest: digestOf([['b', '2']]).bytes() };
    const empty = { group: '', kind: 'Secret', digest: new KindDigest().bytes() };
    const digest = clusterDigest(1, [pods, deployments]);
    expect(clusterDigest(1, [empty, deployments, pods])).toEqual(digest);
    expect(clusterDigest(2, [pods, deployments])).not.toEqual(digest);
    expect(clusterDigest(1, [{ ...pods, group: 'x' }, deployments])).not.toEqual(digest);
    expect(clusterDigest(1, [])).toHaveLength(32);
  });
});
