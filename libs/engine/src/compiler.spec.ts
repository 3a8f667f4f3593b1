import { afterAll, describe, expect, it } from '@jest/globals';
import { BusyError } from './busy-error.js';
import { CompilerCrashError, RegoCompiler } from './compiler.js';
import { FINDING, samplePolicy } from './testdata/sample-policies.js';

const LIB = [
  {
    file: 'lib/pods.rego',
    source: 'package lib.pods\n\nnames contains c.name if some c in input.review.object.spec.containers\n',
  },
];

describe('RegoCompiler', () => {
  const compiler = new RegoCompiler();
  afterAll(() => compiler.close());

  const errorsOf = async (body: string, custom?: string[]) => {
    const { errors } = await compiler.check({ lib: LIB, policies: [samplePolicy('one-two', body, custom)] });
    return errors.map(({ row, col, code, message }) => ({ row, col, code, message }));
  };

  it('compiles policies and says what they need', async () => {
    const policy = samplePolicy(
      'one-two',
      `violation contains ${FINDING} if sprintf("%v", [input.parameters.a]) == "1"`,
    );
    const result = await compiler.compile({ lib: LIB, policies: [policy] });
    expect(result).toMatchObject({ ok: true, errors: [], builtins: ['sprintf'] });
    expect(result.policies[0]).toMatchObject({ slug: 'one-two', file: 'policy.rego', rules: ['violation'] });
    expect(WebAssembly.Module.prototype).toBeDefined();
    expect(
      Buffer.from(result.wasm ?? [])
        .subarray(0, 4)
        .toString('latin1'),
    ).toBe('\0asm');
  });

  it('gives metadata with every default filled in', async () => {
    const policy = samplePolicy('one-two', `violation contains ${FINDING} if input.parameters.a`);
    const { policies } = await compiler.check({ lib: [], policies: [policy] });
    expect(policies[0]?.metadata).toEqual({
      title: 'Sample one-two',
      description: '',
      category: 'reliability',
      severity: 'medium',
      kinds: ['*'],
      container_lists: [],
      parameters: { type: 'object', additionalProperties: false, properties: {} },
      remediation: '',
      standards: [],
      related: [],
      admission: 'deny',
      admission_only: false,
      expand: false,
    });
  });

  it('tells every error of every file at its author’s place', async () => {
    const policies = [
      samplePolicy('broken', 'violation contains x if {'),
      samplePolicy(
        'typed',
        `violation contains ${FINDING} if count(1) == 1\n\nviolation contains ${FINDING} if lower(1) == 1`,
      ),
    ];
    const { ok, errors } = await compiler.check({ lib: [], policies });
    expect(ok).toBe(false);
    expect(errors.map(({ slug, file, row, code }) => [slug, file, row, code])).toEqual([
      ['broken', 'policy.rego', 10, 'rego_parse_error'],
      ['typed', 'policy.rego', 9, 'rego_type_error'],
      ['typed', 'policy.rego', 11, 'rego_type_error'],
    ]);
  });

  it('refuses references out of the policy’s own package, data.lib and input (H1)', async () => {
    const body = [
      'import data.policies.other',
      `violation contains ${FINDING} if {`,
      '\tx := data',
      '\tinput[y]',
      '\tinput.params.other',
      '\tdata.bylaw.other.violation',
      '\tevery z in [input] { z }',
      '\t$"{data.system}" == ""',
      '}',
    ].join('\n');
    const found = await errorsOf(body);
    expect(found.filter(({ code }) => code === 'bylaw_reference_error').map(({ row, col }) => [row, col])).toEqual([
      [9, 8],
      [11, 7],
      [12, 2],
      [13, 2],
      [14, 2],
      [15, 14],
      [16, 5],
    ]);
  });

  it.each([
    'http.send({}, r)',
    'opa.runtime()',
    'time.now_ns() > 0',
    'rand.intn("a", 2) > 0',
    'net.lookup_ip_addr("a")',
  ])('refuses %s: the network, the runtime, the clock and randomness are out of reach', async (call) => {
    const found = await errorsOf(`violation contains ${FINDING} if ${call}`);
    expect(found[0]?.message).toMatch(/undefined function|unsafe/);
  });

  it('keeps the shared library from reading parameters (E4)', async () => {
    const lib = [{ file: 'lib/a.rego', source: 'package lib.a\n\nx := input.parameters.y\n' }];
    const { errors } = await compiler.check({
      lib,
      policies: [samplePolicy('one', `violation contains ${FINDING} if true`)],
    });
    expect(errors).toEqual([
      expect.objectContaining({ file: 'lib/a.rego', row: 3, col: 6, code: 'bylaw_reference_error' }),
    ]);
  });

  it.each([
    [['kinds: [deployment]'], 6, /kinds/],
    [[], 1, /kinds is missing/],
    [['kinds: ["*"]', 'colour: red'], 7, /unknown key custom.colour/],
    [['kinds: ["*"]', 'container_lists: [pods]'], 7, /container_lists/],
    [['kinds: ["*"]', 'parameters: {type: object, properties: {min: {type: integer}}}'], 7, /min has no default/],
    [['kinds: ["*"]', 'parameters: {type: object, properties: {min: {type: wrong, default: 1}}}'], 7, /JSON Schema/],
    [
      ['kinds: ["*"]', 'parameters:', '  type: object', '  properties:', '    min: {type: integer, default: x}'],
      10,
      /does not fit/,
    ],
    [['kinds: ["*"]', 'related: [{name: a, kind: Pod, select: same_namespace, need: maybe}]'], 7, /need "maybe"/],
    [['kinds: ["*"]', 'standards: [{framework: cis}]'], 7, /standards/],
    [['kinds: ["*"]', 'expand: maybe'], 7, /expand/],
  ])('refuses the metadata %j', async (custom, row, message) => {
    const found = await errorsOf(`violation contains ${FINDING} if true`, custom);
    expect(found).toEqual([
      { row, col: expect.any(Number), code: 'bylaw_metadata_error', message: expect.stringMatching(message) },
    ]);
  });

  it('refuses a policy that could never fail, or answers with something else than sets', async () => {
    expect((await errorsOf('skipped contains "a" if true'))[0]?.message).toContain('could never fail');
    expect((await errorsOf('violation := 1'))[0]?.code).toBe('bylaw_rule_error');
  });

  it('refuses a package that is not the slug’s', async () => {
    const policy = { ...samplePolicy('one', `violation contains ${FINDING} if true`), slug: 'two' };
    const { errors } = await compiler.check({ lib: [], policies: [policy] });
    expect(errors[0]).toMatchObject({ slug: 'two', code: 'bylaw_package_error' });
  });

  it('runs tests on the source as written, with messages and coverage', async () => {
    const policy = samplePolicy(
      'one-two',
      `violation contains ${FINDING} if input.parameters.a == 1\n\nunused(x) := x + 1`,
    );
    const source = [
      'package bylaw.one_two_test',
      'import data.bylaw.one_two',
      'test_fails if count(one_two.violation) == 1 with input as {"parameters": {"a": 1}}',
      'test_wrong if {',
      '\tprint("seen", 1)',
      '\tcount(one_two.violation) == 1 with input as {"parameters": {"a": 2}}',
      '}',
    ].join('\n');
    const request = {
      lib: [],
      policies: [policy],
      tests: [{ slug: 'one-two', file: 'policy_test.rego', source }],
    };
    const run = await compiler.test({ ...request, coverage: true });
    expect(run.tests).toEqual([
      { slug: 'one-two', name: 'test_fails', file: 'policy_test.rego', row: 3, pass: true },
      expect.objectContaining({ name: 'test_wrong', row: 4, pass: false, message: expect.stringContaining('seen 1') }),
    ]);
    expect(run.coverage).toEqual([expect.objectContaining({ slug: 'one-two', covered: [9], not_covered: [11] })]);
    expect(await compiler.test(request)).toEqual({ ...run, coverage: [] });
  });

  it('reads policies of one file name apart', async () => {
    const body = `violation contains ${FINDING} if input.parameters.a`;
    const { policies } = await compiler.check({
      lib: [],
      policies: [samplePolicy('b', body), samplePolicy('a', body)],
    });
    expect(policies.map(({ slug }) => slug)).toEqual(['a', 'b']);
  });
});

describe('RegoCompiler’s child', () => {
  const compilers: RegoCompiler[] = [];
  const aCompiler = (options: { idleMs?: number; timeoutMs?: number; waitingMax?: number } = {}) => {
    const child = new URL('./testdata/fake-compiler-child.js', import.meta.url);
    const compiler = new RegoCompiler({ ...options, child });
    compilers.push(compiler);
    return compiler;
  };
  const ask = async (compiler: RegoCompiler, query = 'pid') =>
    (await compiler.evaluate({ lib: [], policies: [], query })).result;
  afterAll(() => Promise.all(compilers.map((compiler) => compiler.close())));

  it('is one for many calls', async () => {
    const compiler = aCompiler();
    expect(new Set(await Promise.all([ask(compiler), ask(compiler), ask(compiler)])).size).toBe(1);
  });

  const askAs = (compiler: RegoCompiler, owner: string) =>
    compiler.evaluate({ lib: [], policies: [], query: 'pid' }, { owner });

  it('answers owners in turns', async () => {
    const compiler = aCompiler();
    const answered: string[] = [];
    const owners = ['many', 'many', 'many', 'many', 'one'];
    await Promise.all(owners.map((owner) => askAs(compiler, owner).then(() => answered.push(owner))));
    expect(answered.indexOf('one')).toBeLessThan(3);
  });

  it('refuses an owner who has too many calls waiting, and nobody else', async () => {
    const compiler = aCompiler({ waitingMax: 2 });
    const calls = [askAs(compiler, 'many'), askAs(compiler, 'many')];
    await expect(askAs(compiler, 'many')).rejects.toThrow(BusyError);
    calls.push(askAs(compiler, 'one'));
    await Promise.all(calls);
    await askAs(compiler, 'many');
  });

  it('is started again when it crashed; only the call that was running fails', async () => {
    const compiler = aCompiler();
    const before = ask(compiler);
    const crashing = expect(ask(compiler, 'crash')).rejects.toThrow(/crashed: its process ended \(3\)/);
    const after = ask(compiler);
    await crashing;
    expect(await after).not.toBe(await before);
  });

  it('is ended when a call takes too long, and started again', async () => {
    const compiler = aCompiler({ timeoutMs: 2000 });
    await expect(ask(compiler, 'hang')).rejects.toThrow(CompilerCrashError);
    expect(await ask(compiler)).toEqual(expect.any(Number));
  });

  it('ends when there is nothing to do', async () => {
    const compiler = aCompiler({ idleMs: 1 });
    const pid = Number(await ask(compiler));
    await expect(gone(pid)).resolves.toBe(true);
    expect(await ask(compiler)).not.toBe(pid);
  });

  it('refuses calls after close', async () => {
    const compiler = aCompiler();
    const waiting = expect(ask(compiler)).rejects.toThrow('closed');
    await compiler.close();
    await waiting;
    await expect(ask(compiler)).rejects.toThrow('closed');
  });
});

/** Waits until no process has the id. */
async function gone(pid: number): Promise<boolean> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
