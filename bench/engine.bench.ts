import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '#kernel';
import {
  EvaluationPool,
  loadStockLibrary,
  mergeParameters,
  ModuleEvaluator,
  policyModule,
  type EvaluationRequest,
} from '#engine';
import { gvkOf, kindMatches } from '#kube';
import { aDeployment } from './support/objects.js';
import { OpaPolicies } from './support/opa-policies.js';
import { ownModules } from './support/own-policies.js';
import { peerBinary } from './support/peers.js';
import { report, type Figure } from './support/report.js';

/** One core: how many pairs of object and policy are judged a second, parameters and all. */
const OBJECTS = 1_000;
const SECONDS = 4;
const SIZES = [10, 100];
const TENANTS = 5;
const OWN_POLICIES = 50;
const AT_ONCE = 32;
/** An object that passes; of the thousand nine in ten do. */
const PEERS_OBJECT = 1;

const { manifest, wasm } = await loadStockLibrary();
const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm));
const objects = Array.from({ length: OBJECTS }, (_, index) => aDeployment(index));
const applicable = manifest.policies.filter(({ metadata }) =>
  metadata.kinds.some((kind) =>
    kindMatches(kind, gvkOf(objects[0] ?? {}) ?? { group: '', version: '', kind: '' }, objects[0]),
  ),
);

/** The calls that judge one object by so many policies: further instances of a policy are further calls. */
function callsFor(object: JsonObject, size: number): EvaluationRequest[] {
  const gvk = gvkOf(object) ?? { group: '', version: '', kind: '' };
  const metadata = object['metadata'] as JsonObject;
  const review = { kind: gvk, name: String(metadata['name']), namespace: String(metadata['namespace']), object };
  const calls: EvaluationRequest[] = [];
  for (let left = size; left > 0; left -= applicable.length) {
    const params = Object.fromEntries(
      applicable.slice(0, left).map(({ slug, metadata: { parameters } }) => [slug, mergeParameters(parameters)]),
    );
    calls.push({ review, params, related: {}, context: {} });
  }
  return calls;
}

function measure(size: number, judged: readonly JsonObject[] = objects): { rate: number; pairs: number } {
  const calls = judged.flatMap((object) => callsFor(object, size));
  for (const call of calls.slice(0, 200)) evaluator.evaluate(call);
  let pairs = 0;
  const begun = performance.now();
  while (performance.now() - begun < SECONDS * 1_000) {
    for (let i = 0; i < 100; i++) {
      const call = calls[(pairs + i * 7) % calls.length];
      if (call !== undefined) pairs += evaluator.evaluate(call).length;
    }
  }
  return { rate: (pairs / (performance.now() - begun)) * 1_000, pairs };
}

const figures: Figure[] = [...SIZES, applicable.length].map((size) => {
  const { rate, pairs } = measure(size);
  const how =
    size > applicable.length
      ? `${applicable.length} policies repeated under other instances`
      : `${Math.min(size, applicable.length)} policies`;
  return {
    bench: 'engine',
    figure: `pairs a second at ${size} (${how})`,
    value: rate,
    unit: 'pairs/s',
    n: pairs,
    promise: '≥ 30,000',
  };
});
figures.push(...(await tenants()));
for (const size of [...SIZES.filter((one) => one < applicable.length), applicable.length]) {
  const { rate, pairs } = measure(size, objects.slice(PEERS_OBJECT, PEERS_OBJECT + 1));
  figures.push({
    bench: 'engine',
    figure: `pairs a second at ${size}, one object as the peer`,
    value: rate,
    unit: 'pairs/s',
    n: pairs,
    promise: '≥ 1.5 × the peer',
  });
  figures.push(...peer(size));
}
report(figures);

/**
 * The library beside fifty policies of an organization's own, in worker threads as the platform runs them: one
 * organization, then five by turns.
 */
async function tenants(): Promise<Figure[]> {
  const library = new EvaluationPool({ probationMs: 0 });
  const own = new EvaluationPool();
  const builtIn = policyModule({ key: 'library', owner: 'builtin', wasm, policies: manifest.policies });
  const modules = await ownModules(TENANTS, OWN_POLICIES);
  // Parameters are merged once a run, not once an object.
  const calls = objects.flatMap((object) => callsFor(object, applicable.length));
  const ownParams = modules.map(({ policies }) =>
    Object.fromEntries([...policies].map(([slug, { metadata }]) => [slug, mergeParameters(metadata.parameters)])),
  );
  try {
    const rates: Figure[] = [];
    for (const count of [1, TENANTS]) {
      const judge = async (index: number): Promise<number> => {
        const module = modules[index % count];
        const call = calls[index % OBJECTS];
        const params = ownParams[index % count];
        if (module === undefined || call === undefined || params === undefined) return 0;
        const verdicts = await Promise.all([
          library.evaluate(builtIn, call),
          own.evaluate(module, { ...call, params }),
        ]);
        return verdicts.flat().length;
      };
      rates.push(await throughput(count, judge));
    }
    return rates;
  } finally {
    await Promise.all([library.close(), own.close()]);
  }
}

async function throughput(count: number, judge: (index: number) => Promise<number>): Promise<Figure> {
  await Promise.all(Array.from({ length: 100 }, (_, index) => judge(index)));
  let pairs = 0;
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() - begun < SECONDS * 1_000) {
        const judged = await judge(next++);
        pairs += judged;
      }
    }),
  );
  return {
    bench: 'engine',
    figure: `pairs a second, ${applicable.length} + ${OWN_POLICIES} own, ${count} organization${count === 1 ? '' : 's by turns'}`,
    value: (pairs / (performance.now() - begun)) * 1_000,
    unit: 'pairs/s',
    n: pairs,
    ...(count > 1 && { promise: '≥ 80 % of one' }),
  };
}

/**
 * The peer, on one object with the same policies: `opa bench` over the sources as their authors wrote them, with the
 * defaults of all parameters in one `input.parameters`.
 */
function peer(size: number): Figure[] {
  const opa = peerBinary('opa');
  if (opa === undefined) return [];
  const policies = new OpaPolicies(applicable.slice(0, size));
  const input = join(policies.folder, 'input.json');
  try {
    writeFileSync(input, JSON.stringify(policies.inputOf(objects[PEERS_OBJECT] ?? {})));
    const args = [
      'bench',
      '--format',
      'json',
      '--count',
      '1',
      '-d',
      policies.folder,
      '--ignore',
      'input.json',
      '-i',
      input,
      'data.bylaw',
    ];
    const answer = JSON.parse(execFileSync(opa, args, { encoding: 'utf8', maxBuffer: 2 ** 24 })) as {
      N: number;
      T: number;
    };
    const rate = (size / (answer.T / answer.N)) * 1e9;
    const figure = {
      bench: 'engine',
      figure: `peer: opa bench, ${size} policies, one object`,
      value: rate,
      unit: 'pairs/s',
      n: answer.N,
    };
    return [figure];
  } finally {
    policies.dispose();
  }
}
