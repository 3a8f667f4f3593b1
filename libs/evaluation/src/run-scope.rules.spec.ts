import { describe, expect, it } from '@jest/globals';
import { isForced, strongestTrigger, unionOf, type RunRequest } from './run-scope.rules.js';

const some = (objects: string[], force = false): RunRequest => ({
  trigger: 'object-change',
  scope: { objects },
  force,
});
const all = (force = false): RunRequest => ({ trigger: 'policy-change', scope: { all: true }, force });

describe('a run that absorbed several requests (J3)', () => {
  it('looks at the union of what they want', () => {
    const union = unionOf([some(['a', 'b']), some(['b', 'c'])]);
    expect([union.all, [...union.objects].sort()]).toEqual([false, ['a', 'b', 'c']]);
  });

  it('looks at everything where one of them wants that', () => {
    expect(unionOf([some(['a']), all(), some(['b'])]).all).toBe(true);
  });

  it('looks at nothing where nothing is wanted', () => {
    const union = unionOf([some([])]);
    expect([union.all, union.objects.size]).toEqual([false, 0]);
  });

  it('forces only the objects of the request that asked for it', () => {
    const union = unionOf([some(['a'], true), some(['b']), all()]);
    expect(['a', 'b', 'c'].map((id) => isForced(union, id, []))).toEqual([true, false, false]);
  });

  it('keeps forcing an object that another request names without force', () => {
    const union = unionOf([some(['a'], true), some(['a'])]);
    expect(isForced(union, 'a', [])).toBe(true);
  });

  it('forces everything where a request for everything asked for it', () => {
    const union = unionOf([some(['a']), all(), all(true), all()]);
    expect(['a', 'z'].map((id) => isForced(union, id, []))).toEqual([true, true]);
  });

  it('looks at everything for a schedule, and forces only the pairs of its bindings (J4)', () => {
    const union = unionOf([{ trigger: 'schedule', scope: { bindings: ['b'] }, force: true }, some(['a'])]);
    expect(union.all).toBe(true);
    expect([isForced(union, 'a', ['c']), isForced(union, 'z', ['c', 'b'])]).toEqual([false, true]);
  });

  it('does not force everything because one object is forced', () => {
    expect(unionOf([all(), some(['a'], true)]).forceAll).toBe(false);
  });
});

describe('the trigger that a run shows', () => {
  it.each([
    ['manual', ['object-change', 'policy-change', 'manual', 'schedule']],
    ['schedule', ['object-change', 'policy-change', 'schedule']],
    ['policy-change', ['object-change', 'policy-change']],
    ['object-change', ['object-change']],
  ] as const)('is %s', (strongest, triggers) => {
    expect(strongestTrigger(triggers)).toBe(strongest);
    expect(strongestTrigger(triggers.toReversed())).toBe(strongest);
  });
});
