import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '#kernel';
import { parameterProblems, parameterSchemaProblems } from './parameter-schema.js';

const schemaOf = (value: Json, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { value },
  ...more,
});
const chain = (length: number): JsonObject =>
  Object.fromEntries(
    Array.from({ length }, (_, index) => {
      const next = { $ref: `#/$defs/d${index + 1}` };
      return [`d${index}`, { allOf: [next, next] }];
    }),
  );
const nested = (depth: number): JsonObject => (depth === 0 ? { type: 'string' } : { anyOf: [nested(depth - 1)] });

/** What once kept the process busy for ever, ended it, or was taken and checked nothing. */
const REFUSED: [what: string, schema: JsonObject, pointer: string, detail: RegExp][] = [
  [
    'a chain of references that doubles with each',
    schemaOf({ $ref: '#/$defs/d0' }, { $defs: { ...chain(40), d40: {} } }),
    '/$defs',
    /write what it stands for/,
  ],
  ['a schema that refers to itself', { type: 'object', allOf: [{ $ref: '#' }] }, '/allOf/0/$ref', /not taken/],
  ['dynamic references', schemaOf({ $dynamicRef: '#a' }), '/properties/value/$dynamicRef', /not taken/],
  ['definitions', schemaOf({}, { definitions: {} }), '/definitions', /not taken/],
  ['$async, whose promise is always true', schemaOf({}, { $async: true }), '/$async', /not taken/],
  [
    'unevaluatedProperties',
    schemaOf({ unevaluatedProperties: false }),
    '/properties/value/unevaluatedProperties',
    /not/,
  ],
  ['unique objects without an end', schemaOf({ uniqueItems: true }), '/properties/value/uniqueItems', /maxItems/],
  [
    'too many unique objects',
    schemaOf({ uniqueItems: true, maxItems: 1_001, items: { type: 'object' } }),
    '/properties/value/uniqueItems',
    /at most 1000/,
  ],
  [
    '501 parts',
    schemaOf({ anyOf: Array.from({ length: 501 }, (_, value) => ({ const: value })) }),
    '',
    /more than 500/,
  ],
  [
    '21 schemas within each other',
    schemaOf(nested(21)),
    `/properties/value${'/anyOf/0'.repeat(20)}`,
    /20 schemas deep/,
  ],
  ['70 KB', schemaOf({ description: 'x'.repeat(70_000) }), '', /at most 65536/],
  ['a long pattern', schemaOf({ pattern: 'x'.repeat(1_001) }), '', /at most 1000/],
  ['a pattern that repeats too much', schemaOf({ pattern: 'x{1000}'.repeat(30) }), '', /repeat too much/],
  ['a keyword that nobody knows', schemaOf({ colour: 'red' }), '', /colour/],
  ['another draft', schemaOf({}, { $schema: 'http://json-schema.org/draft-07/schema#' }), '', /draft-07/],
  ['no object', { type: 'array' }, '/type', /type: object/],
];

describe('a parameter schema', () => {
  it.each(REFUSED)('of %s is refused at its place', (_what, schema, pointer, detail) => {
    expect(parameterSchemaProblems(schema)).toContainEqual({ pointer, detail: expect.stringMatching(detail) });
    // One that was saved before there was the rule is refused where it is bound, too.
    const parameters = { value: 'a' };
    expect(parameterProblems(schema, parameters)).toEqual([
      { pointer: '', detail: expect.stringContaining('can’t be checked') },
    ]);
  });

  it('may use everything else, names that look like keywords and values that look like schemas among them', () => {
    const schema: JsonObject = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: {
        $ref: { type: 'string', default: 'a' },
        definitions: { type: 'object', default: { $ref: '#' }, patternProperties: { '^[a-z]': { type: 'integer' } } },
        tags: { type: 'array', uniqueItems: true, items: { type: ['string', 'null'] } },
        pairs: { type: 'array', uniqueItems: true, maxItems: 100, items: { type: 'object' } },
        size: { oneOf: [{ const: 'small' }, { type: 'integer', minimum: 1 }] },
      },
      if: { required: ['size'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { not: { required: ['tags'] } },
    };
    expect(parameterSchemaProblems(schema)).toEqual([]);
    expect(parameterProblems(schema, { $ref: 'x', pairs: [{ a: 1 }, { a: 2 }], definitions: { a: 1 } })).toEqual([]);
    expect(parameterProblems(schema, { pairs: [{ a: 1 }, { a: 1 }], tags: ['a', 'a'], more: 1 })).toEqual([
      { pointer: '/more', detail: 'is no parameter of this policy' },
      { pointer: '/tags', detail: expect.stringContaining('duplicate') },
      { pointer: '/pairs', detail: expect.stringContaining('duplicate') },
    ]);
  });
});

describe('parameters', () => {
  it('are refused where they are too large, or too many for what their schema looks at', () => {
    const wide = schemaOf({ type: 'array', items: { anyOf: Array.from({ length: 300 }, (_, n) => ({ const: n })) } });
    expect(parameterProblems(wide, { value: [1, 2, 299] })).toEqual([]);
    expect(parameterProblems(wide, { value: Array.from({ length: 1_000 }, () => -1) })).toEqual([
      { pointer: '', detail: expect.stringMatching(/^are 1002 values: this policy’s schema takes at most \d+$/) },
    ]);
    expect(parameterProblems(schemaOf({}), { value: 'x'.repeat(70_000) })).toEqual([
      { pointer: '', detail: expect.stringContaining('at most 65536') },
    ]);
  });

  it('are refused where they are too long for a pattern', () => {
    const schema = schemaOf({ type: 'array', items: { type: 'string', pattern: '^(x?){100}[ab]$' } });
    expect(parameterProblems(schema, { value: ['xxa', 'b'] })).toEqual([]);
    expect(parameterProblems(schema, { value: Array.from({ length: 300 }, () => 'x'.repeat(190)) })).toEqual([
      { pointer: '', detail: expect.stringContaining('too long for the patterns') },
    ]);
    expect(parameterProblems(schema, { value: ['c'] })).toMatchObject([{ pointer: '/value/0' }]);
  });

  it('are held each against its own pattern, not against another parameter’s', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: {
        names: { type: 'array', items: { type: 'string', pattern: '^[a-z*]+$' } },
        images: { type: 'array', items: { type: 'string', pattern: '^[a-z/:*]+$' } },
      },
    };
    expect(parameterProblems(schema, { names: ['web-*'], images: ['registry/team/**'] })).toMatchObject([
      { pointer: '/names/0' },
    ]);
    expect(parameterProblems(schema, { names: ['web'], images: ['docker io'] })).toMatchObject([
      { pointer: '/images/0' },
    ]);
  });

  it('have a hundred places told, not a thousand', () => {
    const schema = schemaOf({ type: 'array', items: { type: 'string' } });
    expect(parameterProblems(schema, { value: Array.from({ length: 1_000 }, () => 1) })).toHaveLength(100);
  });
});
