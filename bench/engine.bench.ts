import { execFileSync } from 'node:child_process';
import type { JsonObject } from '#kernel';
import { loadStockLibrary, mergeParameters, ModuleEvaluator, type EvaluationRequest } from '#engine';
import { gvkOf, kindMatches } from '#kube';
import { aDeployment } from './support/objects.js';
import { report, type Figure } from './support/report.js';

/** One core: how many pairs of object and policy are judged a second, parameters and all. */
const OBJECTS = 1_000;
const SECONDS = 4;
const SIZES = [10, 14, 100];

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

function measure(size: number): { rate: number; pairs: number } {
  const calls = objects.flatMap((object) => callsFor(object, size));
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

const figures: Figure[] = SIZES.map((size) => {
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
process.stdout.write(`\npeer: ${peer()}\n`);
report(figures);

/** `opa bench` on the same policies is measured where the binary is there; the whole library comes with a later issue. */
function peer(): string {
  try {
    return execFileSync('opa', ['version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  } catch {
    return 'opa is not on PATH, so that nothing is held against it here';
  }
}
