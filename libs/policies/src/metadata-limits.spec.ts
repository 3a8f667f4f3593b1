import { afterAll, describe, expect, it } from '@jest/globals';
import { RegoCompiler, type CompileProblem, type PolicySource } from '#engine';
import type { Json, JsonObject } from '#kernel';
import { createPolicySchema } from '#contracts';
import { ownSource } from './own-policy.rules.js';

const RULE = 'package mine\n\nviolation contains {"path": "a", "found": 1, "expected": 2, "message": "m"} if true\n';
const ABOUT: JsonObject = { title: 'A policy', category: 'security', severity: 'low', kinds: ['Pod'] };
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const standard = (framework: number, section: number): Json => ({
  framework: 'f'.repeat(framework),
  section: 's'.repeat(section),
});
const relations = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({
    name: `r${index}`,
    kind: 'Pod',
    select: 'same_namespace',
    need: 'refines',
  }));
const aRelation = (change: JsonObject): Json => [
  { name: 'pods', kind: 'Pod', select: 'same_namespace', need: 'refines', ...change },
];
const paths = (count: number): string => `cluster(index: ${times(count, 'spec.a').join(', ')})`;

/** The most that is taken, and what is more. */
const SHARED: [member: string, most: Json, more: Json][] = [
  ['title', 'ä'.repeat(200), 'ä'.repeat(201)],
  ['title', '😀'.repeat(200), '😀'.repeat(201)],
  ['description', 'd'.repeat(20_000), 'd'.repeat(20_001)],
  ['remediation', 'd'.repeat(20_000), 'd'.repeat(20_001)],
  ['kinds', times(100, 'Pod'), times(101, 'Pod')],
  ['kinds', [`g/${'K'.repeat(315)}`], [`g/${'K'.repeat(316)}`]],
  ['container_lists', times(4, 'containers'), times(5, 'containers')],
  ['related', relations(20), relations(21)],
  ['standards', times(100, standard(1, 1)), times(101, standard(1, 1))],
  ['standards', [standard(100, 200)], [standard(101, 200)]],
  ['standards', [standard(100, 200)], [standard(100, 201)]],
  ['standards', [standard(1, 1)], [{ framework: 'f', section: 's', more: 1 }]],
];
/** Those that the compiler alone looks at. */
const COMPILERS: [member: string, most: Json, more: Json][] = [
  ['related', aRelation({ name: 'n'.repeat(120) }), aRelation({ name: 'n'.repeat(121) })],
  ['related', aRelation({ kind: times(20, 'Pod') }), aRelation({ kind: times(21, 'Pod') })],
  ['related', aRelation({ select: paths(10) }), aRelation({ select: paths(11) })],
  ['related', aRelation({ select: `ref(${'a'.repeat(495)})` }), aRelation({ select: `ref(${'a'.repeat(496)})` })],
  ['related', aRelation({ fields: times(100, 'spec') }), aRelation({ fields: times(101, 'spec') })],
  ['related', aRelation({ fields: ['a'.repeat(500)] }), aRelation({ fields: ['a'.repeat(501)] })],
];

/** As an author writes it in METADATA: JSON is YAML, and may stand on one line. */
const annotated = (about: JsonObject): string => {
  const { title = 'A policy', description = '', ...custom } = about;
  const lines = Object.entries(custom).map(([key, value]) => `#   ${key}: ${JSON.stringify(value)}`);
  const head = [`# title: ${JSON.stringify(title)}`, `# description: ${JSON.stringify(description)}`];
  return ['# METADATA', ...head, '# custom:', ...lines, RULE].join('\n');
};

describe('what a policy says of itself', () => {
  const compiler = new RegoCompiler();
  afterAll(() => compiler.close());
  const check = async (rego: string, given: JsonObject = {}): Promise<CompileProblem[]> =>
    (await compiler.check({ lib: [], policies: [ownSource('mine', rego, given)] })).errors;

  it.each([...SHARED, ...COMPILERS])(
    '%s: has the same limits in METADATA and beside the Rego',
    async (member, most, more) => {
      const wrong = [
        expect.objectContaining({ code: 'bylaw_metadata_error', message: expect.stringContaining(member) }),
      ];
      expect(await check(annotated({ ...ABOUT, [member]: most }))).toEqual([]);
      expect(await check(RULE, { ...ABOUT, [member]: most })).toEqual([]);
      const inside = await check(annotated({ ...ABOUT, [member]: more }));
      expect(inside).toEqual(wrong);
      expect(inside[0]?.row).toBeGreaterThan(1);
      expect(await check(RULE, { ...ABOUT, [member]: more })).toEqual(wrong);
    },
  );

  it.each(SHARED)('%s: has the same limits in the request', (member, most, more) => {
    const takes = (value: Json): boolean =>
      createPolicySchema.safeParse({ ...ABOUT, slug: 'mine', rego: RULE, [member]: value }).success;
    expect([takes(most), takes(more)]).toEqual([true, false]);
  });

  it.each([
    ['inventory', true],
    ['inventory(except: kube-*, *-system, *a*, shop)', true],
    ['inventory(except: *)', true],
    ['inventory()', false],
    ['inventory(except: )', false],
    ['inventory(except: a*b)', false],
    ['inventory(except: A)', false],
    ['inventories', false],
  ])('says %s only where it was written for another engine', async (select, taken) => {
    const own = ownSource('mine', RULE, { ...ABOUT, related: aRelation({ select, need: 'complete' }) });
    const refused = async (policy: PolicySource): Promise<boolean> =>
      (await compiler.check({ lib: [], policies: [policy] })).errors.some(({ message }) => message.includes('select'));
    expect(await refused(own)).toBe(true);
    expect(await refused(Object.assign(own, { dialect: 'gatekeeper' }))).toBe(!taken);
  });

  it('holds no NUL, which YAML can write', async () => {
    const rego = annotated(ABOUT).replace('"A policy"', String.raw`"a\0b"`);
    expect(await check(rego)).toEqual([
      expect.objectContaining({ row: 2, message: 'title holds NUL, which is no character' }),
    ]);
    const hidden = annotated(ABOUT).replace(
      '["Pod"]',
      String.raw`["Pod"]` + '\n' + String.raw`#   standards: [{framework: "a", section: "b\x00"}]`,
    );
    expect(await check(hidden)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('standards holds NUL') }),
    ]);
  });

  it('refers to nothing in its parameter schema, and is no larger than 64 KiB', async () => {
    const parameters = (schema: JsonObject): JsonObject => ({
      ...ABOUT,
      parameters: { type: 'object', properties: {}, ...schema },
    });
    const doubling = { $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } };
    expect(await check(annotated(parameters(doubling)))).toEqual([
      expect.objectContaining({ row: 8, message: expect.stringContaining('$defs is not taken') }),
    ]);
    expect(await check(RULE, parameters({ allOf: [{ $ref: '#' }] }))).toEqual([
      expect.objectContaining({ pointer: '/parameters', message: expect.stringContaining('$ref is not taken') }),
    ]);
    expect(await check(RULE, parameters({ description: 'x'.repeat(70_000) }))).toEqual([
      expect.objectContaining({ message: expect.stringContaining('at most 65536') }),
    ]);
    const named = { properties: { $ref: { type: 'string', default: '$ref' } } };
    expect(await check(RULE, parameters(named))).toEqual([]);
  });
});
