import { canonicalJson, isJsonObject, type Json, type JsonObject } from '#kernel';
import { judgeSample, type EvaluateNow, type Sample } from './fixture-judge.js';
import type { Fixture } from './fixtures.js';
import { parameterProblems } from './parameter-schema.js';
import { mergeParameters } from './parameters.js';
import type { PolicyInfo } from './policy.js';

/** Enough to find a way into every kind and list; more only take time. */
const FAILING_MAX = 40;
const TRIED_WITH_PARAMETERS = 60;

/**
 * Makes the fixtures that a policy is proved by out of objects that nobody wrote for it: those that it fails, and the same
 * objects under other values of each parameter.
 * @param evaluate on a module that holds the policy
 * @param policy that is to be proved
 * @param samples the author's own first, then others
 */
export function fixturesFrom(evaluate: EvaluateNow, policy: PolicyInfo, samples: readonly Sample[]): Fixture[] {
  const failing: Fixture[] = [];
  const others: Fixture[] = [];
  for (const [index, sample] of distinct(samples).entries()) {
    const judged = judgeSample(evaluate, policy, sample);
    if ('refused' in judged) continue;
    const kind = judged.verdict.verdict === 'fail' ? 'fail' : 'pass';
    const fixture = fixtureOf(kind, nameOf(sample.object, index), sample);
    if (kind === 'fail') failing.push(fixture);
    else others.push(fixture);
  }
  const mixed = [...failing.slice(0, TRIED_WITH_PARAMETERS / 2), ...others].slice(0, TRIED_WITH_PARAMETERS);
  return [...failing.slice(0, FAILING_MAX), ...withOtherParameters(policy, mixed)];
}

function withOtherParameters(policy: PolicyInfo, fixtures: readonly Fixture[]): Fixture[] {
  const { parameters } = policy.metadata;
  const properties = isJsonObject(parameters['properties']) ? parameters['properties'] : {};
  return Object.entries(properties).flatMap(([name, schema]) =>
    otherValues(isJsonObject(schema) ? schema : {}).flatMap((value) => {
      const given = { [name]: value };
      if (parameterProblems(parameters, mergeParameters(parameters, given)).length > 0) return [];
      return fixtures.map((fixture) => ({ ...fixture, parameters: { ...fixture.parameters, ...given } }));
    }),
  );
}

/** Values that may turn a verdict, by what the schema says of them. */
function otherValues(schema: JsonObject): Json[] {
  const given = schema['default'];
  if (Array.isArray(schema['enum']))
    return schema['enum'].filter((value) => canonicalJson(value) !== canonicalJson(given ?? null));
  switch (schema['type']) {
    case 'boolean':
      return [true, false];
    case 'integer':
    case 'number':
      return [0, 1, 2, 1_000_000, ...(typeof given === 'number' ? [given - 1, given + 1] : [])];
    case 'string':
      return ['', 'x', '*', '0'];
    case 'array':
      return [[], ...itemValues(schema)];
    default:
      return [{}];
  }
}

function itemValues(schema: JsonObject): Json[] {
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  const given = Array.isArray(schema['default']) ? schema['default'] : [];
  return [...otherValues(items).map((item) => [item]), ...given.map((item) => [item])];
}

function fixtureOf(kind: 'pass' | 'fail', file: string, sample: Sample): Fixture {
  return { file, kind, description: '', findings: [], ...sample };
}

function nameOf(object: JsonObject, index: number): string {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return `${String(object['kind'])}/${String(metadata['name'] ?? index)}`;
}

function distinct(samples: readonly Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [canonicalJson(sample as unknown as Json), sample])).values()];
}
