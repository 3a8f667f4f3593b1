import { describe, expect, it } from '@jest/globals';
import { mergeParameters } from './parameters.js';

const SCHEMA = {
  type: 'object',
  properties: {
    min: { type: 'integer', default: 2 },
    keys: { type: 'array', default: ['owner'] },
    cpu: { type: 'object', default: {}, properties: { request: { default: '1' }, limit: { default: '2' } } },
    plain: { type: 'string' },
  },
};

describe('mergeParameters', () => {
  it('fills in what was not given', () => {
    expect(mergeParameters(SCHEMA)).toEqual({ min: 2, keys: ['owner'], cpu: {} });
  });

  it('keeps what was given, false and empty values too', () => {
    expect(mergeParameters(SCHEMA, { min: 0, keys: [], plain: '' })).toEqual({ min: 0, keys: [], cpu: {}, plain: '' });
  });

  it('fills in the members of a given object', () => {
    expect(mergeParameters(SCHEMA, { cpu: { limit: '4' } })['cpu']).toEqual({ request: '1', limit: '4' });
  });

  it('keeps keys that the schema does not know, for the validation to complain of', () => {
    expect(mergeParameters(SCHEMA, { other: 1 })['other']).toBe(1);
  });

  it('shares nothing with the schema', () => {
    (mergeParameters(SCHEMA)['keys'] as string[]).push('x');
    expect(mergeParameters(SCHEMA)['keys']).toEqual(['owner']);
  });

  it('is not led into the prototype', () => {
    const given = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, never>;
    const merged = mergeParameters(SCHEMA, given);
    expect(Object.getPrototypeOf(merged)).toBe(Object.getPrototypeOf({}));
    expect('polluted' in merged).toBe(false);
  });

  it('fills in what items of a list leave out, and adds none', () => {
    const item = { type: 'object', properties: { port: { type: 'integer', default: 80 } } };
    const schema = { type: 'object', properties: { listen: { type: 'array', items: item } } };
    expect(mergeParameters(schema, { listen: [{}, { port: 1 }, 'odd', null] })).toEqual({
      listen: [{ port: 80 }, { port: 1 }, 'odd', null],
    });
    expect(mergeParameters(schema, {})).toEqual({});
  });
});
