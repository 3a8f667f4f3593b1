import { afterAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { RegoCompiler } from './compiler.js';
import { ModuleEvaluator } from './module-evaluator.js';
import type { PolicySource } from './policy.js';
import { FINDING, SAMPLE_METADATA, samplePolicy, sampleRequestOf, tenantPolicy } from './testdata/sample-policies.js';

const LIB = [{ file: 'lib/pods.rego', source: 'package lib.pods\n\nnames contains "a"\n\nyes(x) if x\n' }];

describe('a policy in a package of its author’s choice', () => {
  const compiler = new RegoCompiler();
  afterAll(() => compiler.close());

  const check = async (...policies: PolicySource[]) => compiler.check({ lib: LIB, policies });
  const errorsOf = async (policy: PolicySource) =>
    (await check(policy)).errors.map(({ row, col, code, message }) => ({ row, col, code, message }));

  it('reads its own package, the library, and its own parameters and related objects, and judges', async () => {
    const body = [
      'import data.lib.pods',
      `violation contains ${FINDING} if {`,
      '\tpods.names.a',
      '\tdata.k8s.own["rules"].limit == input.parameters.limit',
      '\tcount(input.related.others) == 1',
      '\thelped with rules as {"helps": 1}',
      '}',
      'rules := {"limit": 5, "helps": 0}',
      'helped if rules.helps == 1',
    ].join('\n');
    const { wasm, errors, policies } = await compiler.compile({
      lib: LIB,
      policies: [tenantPolicy('one-two', body, 'k8s.own')],
    });
    expect(errors).toEqual([]);
    expect(policies[0]).toMatchObject({ slug: 'one-two', metadata: { title: 'Sample', admission: 'deny' } });
    const request = {
      ...sampleRequestOf({}, []),
      params: { 'one-two': { limit: 5 } },
      related: { 'one-two': { others: [{}] } },
    };
    const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm ?? new Uint8Array()));
    expect(evaluator.evaluate(request)).toMatchObject([{ policy: 'one-two', verdict: 'fail' }]);
    expect(evaluator.evaluate({ ...request, params: { 'one-two': { limit: 4 } } })).toMatchObject([
      { verdict: 'pass' },
    ]);
  });

  it('does not see another policy that chose the same package', async () => {
    const rules = (value: number) =>
      `violation contains ${FINDING} if value == input.review.object.value\n\nvalue := ${value}`;
    const policies = [
      tenantPolicy('one', `${rules(1)}\n\nhelper := 1`),
      tenantPolicy('two', rules(2)),
      tenantPolicy('three', `violation contains ${FINDING} if data.mine.helper`),
    ];
    const { wasm, errors } = await compiler.compile({ lib: [], policies });
    expect(errors).toEqual([]);
    const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm ?? new Uint8Array()));
    const verdicts = evaluator.evaluate(sampleRequestOf({ value: 2 }, ['one', 'two', 'three']));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'fail', 'pass']);
  });

  it.each([
    ['data', 'data == 1', 'bylaw_reference_error'],
    ['data.policies', 'data.policies == 1', 'bylaw_reference_error'],
    ['data.policies.other', 'data.policies.other.violation', 'bylaw_reference_error'],
    ['data[x]', 'some x; data[x]', 'bylaw_reference_error', 9],
    ['a package beside its own', 'data.minelike.x', 'bylaw_reference_error'],
    ['the package of a built-in policy', 'data.bylaw.replicas_minimum.violation', 'bylaw_reference_error'],
    ['the entry point', 'data.bylaw_entry.verdicts', 'bylaw_reference_error'],
    ['input', 'input == 1', 'bylaw_reference_error'],
    ['input of others', 'input.params.other', 'bylaw_reference_error'],
    ['input.items', 'input.items', 'bylaw_reference_error'],
    ['input[x]', 'some x; input[x]', 'bylaw_reference_error', 9],
    ['data in a text', '$"{data.system}" == ""', 'bylaw_reference_error', 4],
    ['data in a comprehension', '[x | x := data][0]', 'bylaw_reference_error', 11],
    ['`with` on input', 'own with input.review as 1', 'bylaw_reference_error', 10],
    ['`with` on the library', 'own with data.lib.pods.names as 1', 'bylaw_reference_error', 10],
    ['`with` on others', 'own with data.policies.other as 1', 'bylaw_reference_error', 10],
    ['`with` on a function of OPA', 'own with count as f', 'bylaw_reference_error', 10],
    ['functions of others', 'data.bylaw.other.f(1)', 'bylaw_reference_error'],
    ['http.send', 'http.send({}, r)', 'rego_type_error'],
    ['opa.runtime', 'opa.runtime().env', 'rego_type_error'],
    ['time.now_ns', 'time.now_ns() > 0', 'rego_type_error'],
    ['rand.intn', 'rand.intn("a", 2) > 0', 'rego_type_error'],
    ['net.lookup_ip_addr', 'net.lookup_ip_addr("a")', 'rego_type_error'],
    ['trace', 'trace("a")', 'rego_type_error'],
    ['rego.parse_module', 'rego.parse_module("a", "package a")', 'rego_type_error'],
    ['rego.metadata', 'rego.metadata.chain() == []', 'rego_type_error'],
    ['recursion', 'own == g(1)', 'rego_recursion_error', 1],
  ])('can’t reach %s: said at row and column', async (_what, expression, code, col = 1) => {
    const helpers = 'own := 1\n\nf(x) := x\n\ng(x) := g(x) if x > 0';
    const found = await errorsOf(
      tenantPolicy('one-two', `violation contains ${FINDING} if {\n${expression}\n}\n\n${helpers}`),
    );
    const row = code === 'rego_recursion_error' ? 11 : 4;
    expect(found).toContainEqual({ row, col, code, message: expect.any(String) });
    expect(JSON.stringify(found)).not.toMatch(/@policies|params\[|policies\["?one/);
  });

  it.each(['import data.policies.other', 'import data.bylaw.other as o', 'import input', 'import data'])(
    'can’t %s',
    async (line) => {
      const found = await errorsOf(tenantPolicy('one', `${line}\n\nviolation contains ${FINDING} if true`));
      expect(found).toContainEqual(expect.objectContaining({ row: 3, col: 8, code: 'bylaw_reference_error' }));
    },
  );

  it.each([
    ['a rule', '', 'data.lib.pods.nmaes.a', [5, 15], 'data.lib.pods.nmaes'],
    ['a package', '', 'data.lib.podz', [5, 10], 'data.lib.podz'],
    ['a rule, in a text', '', '$"{data.lib.pods.x}" == ""', [5, 18], 'data.lib.pods.x'],
    ['a rule of an import', 'import data.lib.pods as p', 'p.nmaes.a', [5, 3], 'data.lib.pods.nmaes'],
    ['an import', 'import data.lib.podz', 'podz.x', [5, 1], 'data.lib.podz'],
  ])('is told that the library lacks %s, where that stands', async (_what, imports, use, [row, col], name) => {
    const found = await errorsOf(tenantPolicy('one', `${imports}\nviolation contains ${FINDING} if {\n${use}\n}`));
    const message = `the shared library has no ${name}`;
    expect(found).toEqual([{ row, col, code: 'bylaw_reference_error', message }]);
  });

  it('may name the library by a computed part', async () => {
    const found = await errorsOf(
      tenantPolicy('one', `violation contains ${FINDING} if { some name; data.lib.pods[name].a }`),
    );
    expect(found).toEqual([]);
  });

  it.each(['lib', 'lib.pods', 'policies.other', 'bylaw_entry'])('can’t be written in package %s', async (name) => {
    const found = await errorsOf(tenantPolicy('one', `violation contains ${FINDING} if true`, name));
    expect(found).toEqual([
      {
        row: 1,
        col: 1,
        code: 'bylaw_package_error',
        message: expect.stringContaining(`package ${name} can't be used`),
      },
    ]);
  });

  it('hears of its own names, not of those that it was given', async () => {
    const body = `violation contains ${FINDING} if f(1)\n\nf(x) := f(x) if data.k8s.own.f(x)`;
    const found = await errorsOf(tenantPolicy('one-two', body, 'k8s.own'));
    expect(found[0]?.message).toBe('rule data.k8s.own.f is recursive: data.k8s.own.f -> data.k8s.own.f');
    const run = await compiler.evaluate({
      lib: [],
      policies: [
        tenantPolicy(
          'one-two',
          `violation contains ${FINDING} if x == 1\n\nx := 1 if input.parameters.a\n\nx := 2 if input.parameters.a`,
          'k8s.own',
        ),
      ],
      input: { review: { object: {} }, params: { 'one-two': { a: 1 } } },
    });
    expect(run.errors).toEqual([
      expect.objectContaining({
        slug: 'one-two',
        file: 'policy.rego',
        row: 7,
        code: 'eval_conflict_error',
        message: expect.stringContaining('data.k8s.own.x'),
      }),
    ]);
  });

  it('is traced by its own names', async () => {
    const { output } = await compiler.evaluate({
      lib: [],
      policies: [
        tenantPolicy(
          'one-two',
          `violation contains ${FINDING} if {\n\tprint("seen", x)\n\tinput.parameters.a\n}\n\nx := 1`,
          'k8s.own',
        ),
      ],
      input: { review: { object: {} }, params: { 'one-two': { a: 1 } } },
      explain: true,
    });
    expect(output).toMatch(/^seen 1\n/);
    expect(output).toMatch(/Eval input\.parameters\.a/);
    expect(output).toMatch(/Enter data\.k8s\.own\.violation/);
    expect(output).not.toMatch(/data\.policies|input\.params/);
  });

  it('runs its tests, beside another of the same package', async () => {
    const of = (slug: string, key: string) =>
      tenantPolicy(slug, `violation contains ${FINDING} if input.parameters.${key}`, 'k8s.own');
    const test = (name: string, key: string) =>
      `package ${name}\n\ntest_it if count(data.k8s.own.violation) == 1 with input.parameters.${key} as true\n`;
    const { tests, errors } = await compiler.test({
      lib: [],
      policies: [of('a', 'x'), of('b', 'y')],
      tests: [
        { slug: 'a', file: 'a_test.rego', source: test('k8s.own_test', 'x') },
        { slug: 'b', file: 'b_test.rego', source: test('k8s.own', 'x') },
      ],
    });
    expect(errors).toEqual([]);
    expect(tests.map(({ slug, pass }) => [slug, pass])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  describe('with metadata beside it', () => {
    const metadataErrors = async (metadata: JsonObject) => {
      const policy = { ...tenantPolicy('one', `violation contains ${FINDING} if true`), metadata };
      return (await check(policy)).errors.map(({ row, col, code, pointer, message }) => ({
        row,
        col,
        code,
        pointer,
        message,
      }));
    };

    it('lets each given member win over the annotation’s', async () => {
      const annotated = samplePolicy('one', `violation contains ${FINDING} if true`, ['kinds: [Pod]', 'expand: true']);
      const { policies } = await check({
        ...annotated,
        metadata: { severity: 'critical', title: 'Given', kinds: ['*'] },
      });
      expect(policies[0]?.metadata).toMatchObject({
        title: 'Given',
        severity: 'critical',
        kinds: ['*'],
        category: 'reliability',
        expand: true,
      });
    });

    it.each([
      [{ severity: 'urgent' }, '/severity', /urgent.* is unknown: one of critical, high/],
      [{ colour: 'red' }, '/colour', /unknown key colour: one of title/],
      [{ kinds: ['pod'] }, '/kinds', /neither Kind/],
      [{ title: '' }, '/title', /title is missing/],
      [
        { parameters: { type: 'object', properties: { 'a/b': { type: 'integer' } } } },
        '/parameters/properties/a~1b',
        /no default/,
      ],
      [
        { related: [{ name: 'a', kind: 'Pod', select: 'cluster(spec.a)', need: 'present' }] },
        '/related/0/select',
        /cluster\(spec\.a\)" is none of same_namespace, ref\(<path>\), cluster\(index: <path>, …\)/,
      ],
    ])('says by pointer what is wrong with %j', async (given, pointer, message) => {
      expect(await metadataErrors({ ...SAMPLE_METADATA, ...given })).toEqual([
        { row: 0, col: 0, code: 'bylaw_metadata_error', pointer, message: expect.stringMatching(message) },
      ]);
    });

    it('refuses what nests too deep, before anything descends into it', async () => {
      const nested = JSON.parse(`${'{"type":'.repeat(5000)}1${'}'.repeat(5000)}`) as JsonObject;
      expect(await metadataErrors({ ...SAMPLE_METADATA, parameters: nested })).toEqual([
        expect.objectContaining({ code: 'bylaw_too_deep' }),
      ]);
    });
  });
});

describe('a relation’s select', () => {
  const compiler = new RegoCompiler();
  afterAll(() => compiler.close());
  const errorsOf = async (select: string) => {
    const custom = [
      'kinds: ["*"]',
      'related:',
      '  - name: ok',
      '    kind: Pod',
      '    select: same_namespace',
      '    need: present',
    ];
    const second = [
      '  - name: judged',
      '    kind: [Pod, apps/Deployment]',
      `    select: ${JSON.stringify(select)}`,
      '    need: present',
    ];
    const policy = samplePolicy('one', `violation contains ${FINDING} if true`, [...custom, ...second]);
    return (await compiler.check({ lib: [], policies: [policy] })).errors;
  };

  it.each([
    'same_namespace',
    'ref(roleRef)',
    'ref(spec.template.spec.volumes[].configMap.name)',
    'ref(@pod.serviceAccountName)',
    'cluster(index: spec.rules[].host)',
    'cluster(index: @pod.containers[].ports[].hostPort, spec.nodeName)',
  ])('may be %s', async (select) => {
    expect(await errorsOf(select)).toEqual([]);
  });

  it.each([
    '',
    'all',
    'ref()',
    'ref(spec..a)',
    'ref(.spec)',
    'ref(spec[0])',
    'ref(a, b)',
    'cluster(a)',
    'cluster(index: )',
    'cluster(index: a,)',
    'ref(a.@pod)',
  ])('is refused at its own line where it is %j', async (select) => {
    expect(await errorsOf(select)).toEqual([
      expect.objectContaining({
        row: 14,
        col: 9,
        code: 'bylaw_metadata_error',
        message: expect.stringMatching(/^related judged: select .* is none of same_namespace/),
      }),
    ]);
  });
});
