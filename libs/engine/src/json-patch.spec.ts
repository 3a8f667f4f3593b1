import { describe, expect, it } from '@jest/globals';
import { applyPatch, PatchError } from './json-patch.js';
import type { FixOperation } from './verdict.js';

const OBJECT = { spec: { replicas: 1, 'a/b': { 'c~d': 1 }, list: ['x', 'y'] } };

describe('applyPatch', () => {
  it.each<[FixOperation[], unknown]>([
    [[{ op: 'replace', path: '/spec/replicas', value: 2 }], { ...OBJECT.spec, replicas: 2 }],
    [[{ op: 'add', path: '/spec/list/1', value: 'z' }], { ...OBJECT.spec, list: ['x', 'z', 'y'] }],
    [[{ op: 'add', path: '/spec/list/-', value: 'z' }], { ...OBJECT.spec, list: ['x', 'y', 'z'] }],
    [[{ op: 'remove', path: '/spec/list/0' }], { ...OBJECT.spec, list: ['y'] }],
    [[{ op: 'replace', path: '/spec/a~1b/c~0d', value: 2 }], { ...OBJECT.spec, 'a/b': { 'c~d': 2 } }],
    [[{ op: 'move', from: '/spec/list/0', path: '/spec/first' }], { ...OBJECT.spec, list: ['y'], first: 'x' }],
    [[{ op: 'copy', from: '/spec/list', path: '/spec/copy' }], { ...OBJECT.spec, copy: ['x', 'y'] }],
    [[{ op: 'test', path: '/spec/replicas', value: 1 }], OBJECT.spec],
    [[{ op: 'add', path: '/spec/new', value: null }], { ...OBJECT.spec, new: null }],
  ])('applies %j', (operations, spec) => {
    expect(applyPatch(OBJECT, operations)).toEqual({ spec });
    expect(OBJECT.spec.list).toEqual(['x', 'y']);
  });

  it.each<FixOperation[]>([
    [{ op: 'replace', path: '/spec/absent', value: 1 }],
    [{ op: 'remove', path: '/spec/absent' }],
    [{ op: 'add', path: '/absent/deep', value: 1 }],
    [{ op: 'add', path: '/spec/list/3', value: 1 }],
    [{ op: 'add', path: '/spec/list/01', value: 1 }],
    [{ op: 'replace', path: '/spec/list/-', value: 1 }],
    [{ op: 'add', path: '/spec/replicas/x', value: 1 }],
    [{ op: 'test', path: '/spec/replicas', value: 2 }],
    [{ op: 'add', path: 'spec', value: 1 }],
    [{ op: 'add', path: '/spec/x' }],
    [{ op: 'remove', path: '' }],
    [{ op: 'add', path: '/__proto__', value: { polluted: true } }],
    [{ op: 'add', path: '/constructor/prototype/polluted', value: true }],
  ])('refuses %j', (operation) => {
    expect(() => applyPatch(OBJECT, [operation])).toThrow(PatchError);
    expect('polluted' in {}).toBe(false);
  });

  it('refuses a patch that copies the whole into itself again and again', () => {
    const bomb = Array.from({ length: 64 }, (_, index): FixOperation => ({ op: 'copy', from: '', path: `/k${index}` }));
    expect(() => applyPatch(OBJECT, bomb)).toThrow('copies more than 1000000 characters');
  });
});
