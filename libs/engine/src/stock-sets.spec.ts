import { describe, expect, it } from '@jest/globals';
import { readSets } from './stock-sets.js';

const parameters = {
  type: 'object',
  additionalProperties: false,
  properties: { strict: { type: 'boolean', default: false } },
};
const POLICIES = ['one', 'two'].map((slug) => ({ slug, metadata: { parameters } }));
const setOf = (items: string): string =>
  `sets: [{ slug: basic, title: Basic, description: All, policies: [${items}] }]\n`;

describe('the built-in sets', () => {
  it('name policies by their slug alone, or with what the set gives them', () => {
    const items = 'one, two, { policy: one, instance: strict, parameters: { strict: true } }';
    expect(readSets(setOf(items), POLICIES)).toEqual([
      {
        slug: 'basic',
        title: 'Basic',
        description: 'All',
        policies: [
          { policy: 'one', instance: '', parameters: {} },
          { policy: 'two', instance: '', parameters: {} },
          { policy: 'one', instance: 'strict', parameters: { strict: true } },
        ],
      },
    ]);
    expect(readSets('', POLICIES)).toEqual([]);
  });

  it.each([
    ['a policy that there is not', 'three', 'set basic names three, which is no policy'],
    ['the same policy twice', 'one, { policy: one }', 'set basic names one/ twice'],
    ['the same instance twice', '{ policy: one, instance: a }, { policy: one, instance: a }', 'names one/a twice'],
    ['what the policy does not take', '{ policy: one, parameters: { x: 1 } }', 'one: x is no parameter'],
    ['a value that is none', '{ policy: one, parameters: { strict: yes please } }', 'one: strict must be boolean'],
    ['what means nothing', '{ policy: one, version: 2 }', 'one has version, which means nothing'],
    ['a number', '7', 'an item is a slug or {policy, instance?, parameters?}'],
    ['an instance that is a number', '{ policy: one, instance: 7 }', 'an item is a slug or'],
  ])('refuse to name %s', (_what, items, message) => {
    expect(() => readSets(setOf(items), POLICIES)).toThrow(message);
  });

  it.each(['[]', 'sets: {}', 'sets: [one]', 'sets: [{ slug: basic, title: Basic, policies: [one] }]'])(
    'are refused as a whole where they are none: %s',
    (text) => {
      expect(() => readSets(text, POLICIES)).toThrow('sets.yaml');
    },
  );
});
