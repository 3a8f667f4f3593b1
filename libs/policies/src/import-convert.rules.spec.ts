import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { convertDocuments } from './import-convert.rules.js';
import { type Converted, freeSlug, type PolicyDraft, refusalOf, slugOf } from './import.rules.js';

const REGO = 'package a\n\nviolation[{"msg": "a"}] { true }\n';
const GATEKEEPER = 'admission.k8s.gatekeeper.sh';

function convert(...contents: (JsonObject | [path: string, rego: string])[]): Converted[] {
  return convertDocuments(
    contents.map((content, index) =>
      Array.isArray(content)
        ? { index, path: content[0], content: { rego: content[1] } }
        : { index, content: { object: content } },
    ),
  );
}

/** What came of the first. */
function draftOf([converted]: readonly Converted[]): PolicyDraft {
  if (converted?.as !== 'policy') throw new Error(JSON.stringify(converted));
  return converted.draft;
}

function template(target: JsonObject, more: JsonObject = {}, schema?: JsonObject): JsonObject {
  const validation = schema === undefined ? {} : { validation: { openAPIV3Schema: schema } };
  return {
    apiVersion: 'templates.gatekeeper.sh/v1beta1',
    kind: 'ConstraintTemplate',
    metadata: { name: 'k8sa', ...more },
    spec: {
      crd: { spec: { names: { kind: 'K8sA' }, ...validation } },
      targets: [{ target: GATEKEEPER, ...target }],
    },
  };
}

describe('a ConstraintTemplate', () => {
  it('is its deprecated Rego, even where `code` has other', () => {
    const code = [{ engine: 'Rego', source: { rego: 'package new', version: 'v1', libs: ['package lib.new'] } }];
    const draft = draftOf(convert(template({ rego: REGO, libs: ['package lib.old'], code })));
    expect(draft).toMatchObject({
      importKey: 'gatekeeper/ConstraintTemplate/k8sa',
      rego: REGO,
      rego_versions: ['v0'],
      libs: [{ file: 'libs[0]', source: 'package lib.old' }],
    });
  });

  it.each([
    ['v0 unless said', {}, 'v0'],
    ['v1 where said', { version: 'v1' }, 'v1'],
    ['v0 where something else is said', { version: 'v2' }, 'v0'],
  ])('is written in Rego %s', (_what, version, expected) => {
    const code = [{ engine: 'Rego', source: { rego: REGO, ...version } }];
    expect(draftOf(convert(template({ code }))).rego_versions).toEqual([expected]);
  });

  it('says of itself what its annotations do, with or without a prefix', () => {
    const annotations = {
      'metadata.gatekeeper.sh/title': 'A title',
      description: 'What for.',
      'acme.example/severity': 'High',
      category: 'no such thing',
    };
    expect(draftOf(convert(template({ rego: REGO }, { annotations }))).given).toMatchObject({
      title: 'A title',
      description: 'What for.',
      severity: 'high',
      category: 'security',
      kinds: ['*'],
      expand: true,
      parameters: { type: 'object' },
    });
    const long = template({ rego: REGO }, { annotations: { title: '🚀'.repeat(300) } });
    expect([...String(draftOf(convert(long)).given['title'])]).toHaveLength(200);
  });

  it('takes its parameters by the schema of its constraints, as JSON Schema has it', () => {
    const schema = {
      properties: {
        port: { type: 'integer', format: 'int32', minimum: 0, exclusiveMinimum: true, nullable: true },
        mode: { type: 'string', enum: ['a', 'b'], nullable: true, default: 'a', 'x-kubernetes-thing': 1 },
        either: { 'x-kubernetes-int-or-string': true },
        list: { type: 'array', items: { properties: { key: { type: 'string', example: 'x' } } } },
        map: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
        anyOf: { anyOf: [{ type: 'string' }, { type: 'integer', externalDocs: { url: 'x' } }] },
      },
      required: ['port'],
    };
    expect(draftOf(convert(template({ rego: REGO }, {}, schema))).given['parameters']).toEqual({
      type: 'object',
      required: ['port'],
      properties: {
        port: { type: ['integer', 'null'], minimum: 0, exclusiveMinimum: 0 },
        mode: { type: ['string', 'null'], enum: ['a', 'b', null], default: 'a' },
        either: { type: ['integer', 'string'] },
        list: { type: 'array', items: { properties: { key: { type: 'string' } } } },
        map: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
        anyOf: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      },
    });
  });

  it('is imported without checks of its parameters where their schema is not taken, and that is said', () => {
    const [converted] = convert(
      template({ rego: REGO }, {}, { properties: { a: { type: 'string', pattern: '(?<=a)b' } } }),
    );
    expect(converted).toMatchObject({
      draft: { given: { parameters: { type: 'object' } } },
      notes: [expect.stringContaining('its parameters are not checked')],
    });
  });

  it.each<[string, JsonObject, string, string]>([
    ['without a name', { ...template({ rego: REGO }), metadata: {} }, 'failed', 'metadata.name'],
    ['of another name than its kind', template({ rego: REGO }, { name: 'other' }), 'failed', 'metadata.name is other'],
    [
      'without a target',
      { ...template({}), spec: { crd: { spec: { names: { kind: 'K8sA' } } } } },
      'failed',
      '0 entries',
    ],
    ['for another target', template({ target: 'validation.terraform', rego: REGO }), 'skipped', 'validation.terraform'],
    ['in CEL alone', template({ code: [{ engine: 'K8sNativeValidation', source: {} }] }), 'skipped', 'CEL'],
    ['without any code', template({}), 'failed', 'neither'],
    ['whose Rego is none', template({ code: [{ engine: 'Rego', source: { rego: 5 } }] }), 'failed', 'neither'],
  ])('%s is not imported', (_what, document, as, reason) => {
    expect(convert(document)).toMatchObject([{ as, reason: expect.stringContaining(reason) }]);
  });
});

describe('a Weave policy', () => {
  const policy = (spec: JsonObject, apiVersion = 'pac.weave.works/v2beta3'): JsonObject => ({
    apiVersion,
    kind: 'Policy',
    metadata: { name: 'weave.policies.a' },
    spec: { code: REGO, name: 'A', ...spec },
  });

  it.each(['magalix.com/v1', 'pac.weave.works/v2beta1', 'pac.weave.works/v2beta2', 'pac.weave.works/v2beta3'])(
    'of %s is one, written in v0, and says where it applies',
    (apiVersion) => {
      expect(convert(policy({}, apiVersion))).toMatchObject([
        {
          as: 'policy',
          draft: { importKey: 'weave/Policy/weave.policies.a', dialect: 'weave', rego_versions: ['v0'] },
        },
        { as: 'binding', draft: { from: 'weave-policy' } },
      ]);
    },
  );

  it('has the kinds by name alone, and parameters that are null without a value', () => {
    const parameters = [
      { name: 'count', type: 'integer', required: true, value: 2 },
      { name: 'label', type: 'string', required: false },
      { type: 'string' },
    ];
    const { given } = draftOf(
      convert(policy({ targets: { kinds: ['Deployment', 'Deployment', 'pods'] }, parameters })),
    );
    expect(given).toMatchObject({
      kinds: ['Deployment'],
      parameters: {
        type: 'object',
        properties: { count: { description: 'integer', default: 2 }, label: { description: 'string', default: null } },
      },
    });
    expect(draftOf(convert(policy({ targets: { kinds: [] } }))).given['kinds']).toEqual(['*']);
  });

  it.each([
    ['weave.categories.network-security', 'network'],
    ['weave.categories.access-control', 'access-control'],
    ['weave.categories.reliability', 'reliability'],
    ['weave.categories.capacity-management', 'resources'],
    ['weave.categories.organizational-standards', 'operational-excellence'],
    ['weave.categories.pod-security', 'security'],
    ['', 'security'],
  ])('of the category %j is one of %s', (category, expected) => {
    expect(draftOf(convert(policy({ category }))).given['category']).toBe(expected);
  });

  it('keeps sections of standards, and leaves out what is none', () => {
    const standards = [
      { id: 'weave.standards.pci-dss', controls: ['weave.controls.pci-dss.2.2.5', 'weave.controls.pci-dss.6.5'] },
      { id: 'magalix.standards.soc2-type-i' },
      { controls: ['a'] },
      'none',
    ];
    expect(draftOf(convert(policy({ standards }))).given['standards']).toEqual([
      { framework: 'pci-dss', section: '2.2.5' },
      { framework: 'pci-dss', section: '6.5' },
    ]);
  });

  it('that mutates says so, one for terraform is skipped, one without code fails', () => {
    expect(convert(policy({ mutate: true }))[0]).toMatchObject({ notes: [expect.stringContaining('mutated')] });
    expect(convert(policy({ provider: 'terraform' }))).toMatchObject([{ as: 'skipped' }]);
    expect(convert(policy({ code: ' ' }))).toMatchObject([{ as: 'failed' }]);
  });
});

describe('plain Rego', () => {
  const DENY = 'package main\n\ndeny contains "a" if true\n';

  it('is a policy for each file, named by it, and by its folder where that says more', () => {
    const files = convert(['a/no_root.rego', DENY], ['b/policy.rego', DENY], ['main.rego', DENY]);
    expect(files.map((file) => file.as === 'policy' && [file.draft.name, file.draft.importKey])).toEqual([
      ['no_root', 'conftest/a/no_root.rego'],
      ['b', 'conftest/b/policy.rego'],
      ['main', 'conftest/main.rego'],
    ]);
  });

  it('takes its title from its annotation', () => {
    const text = `# METADATA\n# title: No root\n# description: Root may do anything.\n${DENY}`;
    expect(draftOf(convert(['a.rego', text])).given).toMatchObject({
      title: 'No root',
      description: 'Root may do anything.',
    });
  });

  it('brings along what it names, directly or by others, and of its package only what it uses', () => {
    const [first] = convert(
      ['a.rego', 'package main\n\nimport data.lib.k8s\n\ndeny contains "a" if { k8s.is_pod; not exempt }\n'],
      ['lib/k8s.rego', 'package lib.k8s\n\nis_pod if data.lib.kinds.pods\n'],
      ['lib/kinds.rego', 'package lib.kinds\n\npods := true\n'],
      ['lib/other.rego', 'package lib.other\n\nx := 1\n'],
      ['exempt.rego', 'package main\n\nexempt if input.a\n'],
      ['b.rego', DENY],
      ['c.rego', 'package main\n\nexception contains ["a"] if true\n\nwarn contains "c" if true\n'],
      ['a_test.rego', 'package main\n\ntest_a if exempt\n'],
    );
    expect(draftOf(first === undefined ? [] : [first]).libs.map(({ file }) => file)).toEqual([
      'c.rego',
      'exempt.rego',
      'lib/k8s.rego',
      'lib/kinds.rego',
    ]);
  });

  it('that reads input.review is Gatekeeper’s', () => {
    const text = 'package k8s\n\nviolation[{"msg": "a"}] { input.review.object.a }\n';
    expect(convert(['src.rego', text])).toMatchObject([
      { draft: { dialect: 'gatekeeper' }, notes: [expect.stringContaining('Gatekeeper')] },
    ]);
  });

  it.each([
    ['of Bylaw', 'package bylaw.a\n\nviolation contains 1 if true', 'skipped', 'bylaw policy push'],
    ['whose rules are in comments', 'package a\n\n# deny contains 1 if true\n', 'skipped', 'no rule'],
    ['of helpers', 'package a\n\ndenying contains 1 if true\n', 'skipped', 'no rule'],
    ['without a package', 'deny contains 1 if true\n', 'failed', 'no package'],
  ])('%s is not imported', (_what, text, as, reason) => {
    expect(convert(['a.rego', text])).toMatchObject([{ as, reason: expect.stringContaining(reason) }]);
  });
});

describe('a slug', () => {
  it.each([
    ['K8sRequiredLabels', 'k8srequiredlabels'],
    ['weave.policies.a_b', 'weave-policies-a-b'],
    ['--Äpfel & Birnen--', 'apfel-birnen'],
    ['🚀', 'imported'],
    ['', 'imported'],
    [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
  ])('of %j is %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it('is another where somebody has it, and never too long', () => {
    const taken = new Set(['a', 'a-2', 'x'.repeat(63)]);
    expect([freeSlug('a', taken), freeSlug('a', taken), freeSlug('b', taken)]).toEqual(['a-3', 'a-4', 'b']);
    expect(freeSlug('x'.repeat(63), taken)).toBe(`${'x'.repeat(61)}-2`);
  });
});

describe('why a policy can’t be imported', () => {
  const problem = (message: string, row = 3) => ({ file: 'policy.rego', row, col: 2, message });

  it('names the functions that it lacks, and is no failure then', () => {
    const errors = ['undefined function http.send', 'undefined function external_data', 'var x is unsafe'].map((text) =>
      problem(text),
    );
    expect(refusalOf(errors)).toEqual({
      as: 'skipped',
      reason: 'it calls external_data, http.send, which policies can’t call here',
    });
  });

  it('tells the first errors at their places, and how many more there are', () => {
    const errors = Array.from({ length: 7 }, (_, index) => problem(`error ${index}`, index));
    const { as, reason } = refusalOf([...errors, { file: 'libs[0]', row: 1, col: 1, message: 'x' }]);
    expect([as, reason]).toEqual(['failed', 'error 0; 1:2 error 1; 2:2 error 2; 3:2 error 3; 4:2 error 4, and 3 more']);
  });
});
