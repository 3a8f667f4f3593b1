import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { RegoCompiler } from './compiler.js';
import type { TestRunResult } from './compiler-protocol.js';
import { judgeFixture, judgeSample, sampleRequest, type EvaluateNow, type Sample } from './fixture-judge.js';
import { readFixtures, type Fixture } from './fixtures.js';
import { verifyFixes } from './fixes.js';
import { ModuleEvaluator } from './module-evaluator.js';
import type { PolicyInfo } from './policy.js';
import { describeSlot, provePolicy, type PolicyProof } from './proof.js';
import { readLibraryFolder, stockSourcesFolder } from './stock-module.js';
import { fixtureDigest, readDefaulted } from './testdata/defaulted-fixtures.js';

/**
 * The slots of each policy's proof that are not applicable, as somebody has looked them through. After a change:
 *   UPDATE_NOT_APPLICABLE=1 NODE_OPTIONS=--experimental-vm-modules npx jest dist/libs/engine/src/stock-library
 */
const EXPECTED = join(stockSourcesFolder(), 'not-applicable.expected.json');

/**
 * Fixtures that a policy judges otherwise once an API server has filled in its defaults, with the reason why that is right:
 * `<slug>/<file>`. Nothing else may stand here.
 */
const QUARANTINE: ReadonlyMap<string, string> = new Map([
  [
    'cpu-requests/fail-limit-not-accepted.yaml',
    'the API server copies limits to requests: the parameter acts on manifests',
  ],
  ['memory-requests/fail-limit-not-accepted.yaml', 'the same'],
  ['no-default-namespace/na-unset-ignored.yaml', 'once it is there its namespace is known: it is in default'],
]);

interface StockCase {
  policy: PolicyInfo;
  fixtures: Fixture[];
}

/** Verdict, places and containers in one line. */
function saidOf(evaluate: EvaluateNow, policy: PolicyInfo, sample: Sample): string {
  const judged = judgeSample(evaluate, policy, sample);
  if ('refused' in judged)
    return `refused: ${judged.refused.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
  const { verdict, reason, findings } = judged.verdict;
  const places = findings.map(({ path, container }) => (container === undefined ? path : `${path} (${container})`));
  return `${verdict}: ${verdict === 'error' ? reason : places.sort().join(', ')}`;
}

describe('the built-in policy library', () => {
  let evaluate: EvaluateNow;
  let cases: StockCase[];
  let tests: TestRunResult;

  beforeAll(async () => {
    const library = await readLibraryFolder(stockSourcesFolder());
    const compiler = new RegoCompiler({ timeoutMs: 300_000 });
    const compiled = await compiler.compile(library);
    expect(compiled.errors).toEqual([]);
    tests = await compiler.test(library);
    await compiler.close();
    const evaluator = new ModuleEvaluator(new WebAssembly.Module(compiled.wasm ?? new Uint8Array()));
    evaluate = (request) => evaluator.evaluate(request);
    cases = await Promise.all(
      compiled.policies.map(async (policy) => ({
        policy,
        fixtures: await readFixtures(join(stockSourcesFolder(), policy.slug)),
      })),
    );
  }, 300_000);

  it('passes its own Rego tests', () => {
    expect(tests.errors).toEqual([]);
    expect(tests.tests.filter(({ pass }) => !pass)).toEqual([]);
    const tested = new Set(tests.tests.map(({ slug }) => slug));
    expect(cases.map(({ policy }) => policy.slug).filter((slug) => !tested.has(slug))).toEqual([]);
  });

  it('gives every fixture its verdict and findings', () => {
    const problems = cases.flatMap(({ policy, fixtures }) =>
      fixtures.flatMap((fixture) =>
        judgeFixture(evaluate, policy, fixture).problems.map((problem) => `${policy.slug}/${fixture.file}: ${problem}`),
      ),
    );
    expect(problems).toEqual([]);
  });

  it('has a pair for every fixture: as an API server returns it', () => {
    const unpaired = cases.flatMap(({ policy, fixtures }) => {
      const kept = readDefaulted(join(stockSourcesFolder(), policy.slug))?.fixtures ?? {};
      return fixtures
        .filter((fixture) => fixture.kind !== 'invalid' && kept[fixture.file]?.digest !== fixtureDigest(fixture))
        .map(({ file }) => `${policy.slug}/${file}: run node tools/defaulted-fixtures.mjs KUBECONFIG ${policy.slug}`);
    });
    expect(unpaired).toEqual([]);
  });

  it('says of every fixture with its defaults what it says of it as written', () => {
    const different = cases.flatMap(({ policy, fixtures }) => {
      const kept = readDefaulted(join(stockSourcesFolder(), policy.slug))?.fixtures ?? {};
      return fixtures.flatMap((fixture) => {
        const { object } = kept[fixture.file] ?? {};
        if (object === undefined) return [];
        const [written, stored] = [fixture, { ...fixture, object }].map((sample) => saidOf(evaluate, policy, sample));
        return written === stored ? [] : [{ fixture: `${policy.slug}/${fixture.file}`, written, stored }];
      });
    });
    const unexpected = different.filter(({ fixture }) => !QUARANTINE.has(fixture));
    expect(unexpected).toEqual([]);
    const listed = [...QUARANTINE.keys()].filter((name) => !different.some(({ fixture }) => fixture === name));
    expect(listed).toEqual([]);
  });

  it('has at least two passing and two failing fixtures for each policy', () => {
    const few = cases.filter(({ fixtures }) =>
      ['pass', 'fail'].some((wanted) => fixtures.filter(({ kind }) => kind === wanted).length < 2),
    );
    expect(few.map(({ policy }) => policy.slug)).toEqual([]);
  });

  it('names the findings of every failing fixture', () => {
    const silent = cases.flatMap(({ policy, fixtures }) =>
      fixtures
        .filter(({ kind, findings }) => kind === 'fail' && findings.length === 0)
        .map(({ file }) => `${policy.slug}/${file}`),
    );
    expect(silent).toEqual([]);
  });

  it.each(['each', 'whole'] as const)('offers no fix that does not work (%s)', (trial) => {
    const lost: string[] = [];
    for (const { policy, fixtures } of cases) {
      for (const fixture of fixtures.filter(({ kind }) => kind === 'fail')) {
        const request = sampleRequest(policy, fixture);
        if ('refused' in request) continue;
        const verdicts = evaluate(request);
        const verified = verifyFixes(evaluate, request, verdicts, trial);
        const offered = verdicts.flatMap(({ findings }) => findings).filter(({ fix }) => fix !== undefined);
        const kept = verified.flatMap(({ findings }) => findings).filter(({ fix }) => fix !== undefined);
        if (offered.length !== kept.length) lost.push(`${policy.slug}/${fixture.file}`);
      }
    }
    expect(lost).toEqual([]);
  });

  describe('proved alive', () => {
    let proofs: PolicyProof[];
    beforeAll(() => {
      proofs = cases.map(({ policy, fixtures }) => provePolicy(evaluate, policy, fixtures));
    });

    it('fires in every slot that it claims, and by every parameter', () => {
      const dead = proofs.flatMap(({ policy, slots }) =>
        slots.filter(({ status }) => status === 'never_fires').map((slot) => `${policy}: ${describeSlot(slot)}`),
      );
      expect(dead).toEqual([]);
    });

    it('lets pass under every kind what passes under one', () => {
      expect(proofs.flatMap(({ policy, unfair }) => unfair.map((verdict) => ({ policy, ...verdict })))).toEqual([]);
    });

    it('is not applicable only where somebody has looked', async () => {
      const found = Object.fromEntries(
        proofs.map(({ policy, slots }) => [
          policy,
          slots.filter(({ status }) => status === 'not_applicable').map(describeSlot),
        ]),
      );
      if (process.env['UPDATE_NOT_APPLICABLE'] === '1')
        await writeFile(EXPECTED, `${JSON.stringify(found, null, 2)}\n`);
      const expected = existsSync(EXPECTED) ? (JSON.parse(await readFile(EXPECTED, 'utf8')) as unknown) : {};
      expect(found).toEqual(expected);
    });
  });
});
