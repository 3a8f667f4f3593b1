import { isJsonObject, type Json, type JsonObject } from '#kernel';
import { parse } from 'yaml';
import { parameterProblems } from './parameter-schema.js';
import { mergeParameters } from './parameters.js';
import type { PolicyInfo } from './policy.js';

/** A policy in a built-in set. */
export interface StockSetItem {
  /** Slug. */
  policy: string;
  /** Empty unless the set keeps its check apart from that of other bindings. */
  instance: string;
  /** What the set gives it; the policy's defaults fill in the rest. */
  parameters: JsonObject;
}

/** A built-in policy set. */
export interface StockSet {
  slug: string;
  title: string;
  description: string;
  policies: StockSetItem[];
}

type Known = Pick<PolicyInfo, 'slug'> & { metadata: Pick<PolicyInfo['metadata'], 'parameters'> };

const ITEM_KEYS = ['policy', 'instance', 'parameters'];

/**
 * @param text of `sets.yaml`; empty where there is none
 * @param policies of the library
 * @returns its sets
 * @throws Error where a set is malformed, names a policy that does not exist or the same one twice under one instance, or
 *   gives it parameters that its schema does not take
 */
export function readSets(text: string, policies: readonly Known[]): StockSet[] {
  if (text === '') return [];
  const document = parse(text) as Json;
  const sets = isJsonObject(document) ? document['sets'] : undefined;
  if (!Array.isArray(sets)) throw new Error('sets.yaml has no list `sets`');
  const known = new Map(policies.map((policy) => [policy.slug, policy]));
  return sets.map((set) => readSet(set, known));
}

function readSet(set: Json, known: ReadonlyMap<string, Known>): StockSet {
  const { slug, title, description, policies } = isJsonObject(set) ? set : {};
  if (
    typeof slug !== 'string' ||
    typeof title !== 'string' ||
    typeof description !== 'string' ||
    !Array.isArray(policies)
  ) {
    throw new Error('sets.yaml: a set is {slug, title, description, policies}');
  }
  const items = policies.map((item) => readItem(slug, item, known));
  const names = items.map(({ policy, instance }) => `${policy}/${instance}`);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw new Error(`sets.yaml: set ${slug} names ${twin} twice`);
  return { slug, title, description, policies: items };
}

/** A slug alone, or `{policy, instance?, parameters?}`. */
function readItem(set: string, item: Json, known: ReadonlyMap<string, Known>): StockSetItem {
  const given = isJsonObject(item) ? item : { policy: item };
  const { policy, instance = '', parameters = {} } = given;
  if (typeof policy !== 'string' || typeof instance !== 'string' || !isJsonObject(parameters))
    throw new Error(`sets.yaml: set ${set}: an item is a slug or {policy, instance?, parameters?}`);
  const strange = Object.keys(given).find((key) => !ITEM_KEYS.includes(key));
  if (strange !== undefined) throw new Error(`sets.yaml: set ${set}: ${policy} has ${strange}, which means nothing`);
  const found = known.get(policy);
  if (found === undefined) throw new Error(`sets.yaml: set ${set} names ${policy}, which is no policy`);
  const schema = found.metadata.parameters;
  const [problem] = parameterProblems(schema, mergeParameters(schema, parameters));
  if (problem !== undefined)
    throw new Error(`sets.yaml: set ${set}: ${policy}: ${problem.pointer.slice(1)} ${problem.detail}`);
  return { policy, instance, parameters };
}
