import { describe, expect, it } from '@jest/globals';
import type { ValidationViolation } from '#contracts';
import { readManifests } from '#kube';
import { fixText } from './fix-text.js';

type Patch = NonNullable<ValidationViolation['fix']>['patch'];

const TEXT = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a # mine\n';
const fixed = (...patches: Patch[]): ReturnType<typeof fixText> => {
  const [document] = readManifests(TEXT).documents;
  if (document === undefined) throw new Error('nothing was read');
  const violations = patches.map((patch) => ({ fix: { patch, verified: true } }) as unknown as ValidationViolation);
  return fixText(TEXT, [{ document, violations }]);
};
const labels = (value: Record<string, string>): Patch => [{ op: 'add', path: '/metadata/labels', value }];

describe('fixes of one object', () => {
  it('wait where another has just put something into their place, which would be lost', () => {
    const { text, done, refused } = fixed(labels({ a: '1' }), labels({ b: '2' }));
    expect(text).toBe(`${TEXT}  labels:\n    a: "1"\n`);
    expect([done.length, refused.length]).toEqual([1, 0]);
  });

  it('share what both of them add first', () => {
    const [empty] = labels({});
    const one = (key: string): Patch => [empty, { op: 'add', path: `/metadata/labels/${key}`, value: 'x' }] as Patch;
    expect(fixed(one('a'), one('b')).text).toBe(`${TEXT}  labels:\n    a: x\n    b: x\n`);
  });

  it('are refused where they lead nowhere, and leave the text as it is', () => {
    const { text, refused } = fixed([{ op: 'replace', path: '/metadata/nowhere/at', value: 1 }]);
    expect([text, refused.length]).toEqual([TEXT, 1]);
  });

  it.each([
    ['{a: b}', '{a: b, c: {d: [1, "x, y"]}}'],
    ['{ a: b }', '{ a: b, c: { d: [1, "x, y"] } }'],
  ])('are written with as much air as the author gives: %s', (before, after) => {
    const text = TEXT.replace('name: a # mine', `name: a\n  labels: ${before}`);
    const [document] = readManifests(text).documents;
    const patch = [{ op: 'add', path: '/metadata/labels/c', value: { d: [1, 'x, y'] } }];
    const violation = { fix: { patch, verified: true } } as unknown as ValidationViolation;
    const emptied = {
      fix: { patch: [{ op: 'remove', path: '/metadata/labels/a' }], verified: true },
    } as unknown as ValidationViolation;
    if (document === undefined) throw new Error('nothing was read');
    expect(fixText(text, [{ document, violations: [violation] }]).text).toContain(`labels: ${after}\n`);
    const refilled = fixText(text, [{ document, violations: [emptied, violation] }]).text;
    expect(refilled).toContain(`labels: ${after.replace('a: b, ', '')}\n`);
  });

  it('write texts that YAML 1.1 takes for something else in quotes', () => {
    const { text } = fixed([{ op: 'add', path: '/data', value: { a: 'no', b: '0644', c: 'a\nb', d: '# x' } }]);
    expect(readManifests(text).documents[0]?.object?.['data']).toEqual({ a: 'no', b: '0644', c: 'a\nb', d: '# x' });
  });
});
