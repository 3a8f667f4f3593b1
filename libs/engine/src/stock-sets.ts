import { isJsonObject, type Json } from '#kernel';
import { parse } from 'yaml';

/** A built-in policy set. */
export interface StockSet {
  slug: string;
  title: string;
  description: string;
  /** Slugs of its policies. */
  policies: string[];
}

/**
 * @param text of `sets.yaml`; empty where there is none
 * @param known slugs of the library's policies
 * @returns its sets
 * @throws Error where a set is malformed or names a policy that does not exist
 */
export function readSets(text: string, known: ReadonlySet<string>): StockSet[] {
  if (text === '') return [];
  const document = parse(text) as Json;
  const sets = isJsonObject(document) ? document['sets'] : undefined;
  if (!Array.isArray(sets)) throw new Error('sets.yaml has no list `sets`');
  return sets.map((set) => readSet(set, known));
}

function readSet(set: Json, known: ReadonlySet<string>): StockSet {
  const { slug, title, description, policies } = isJsonObject(set) ? set : {};
  if (
    typeof slug !== 'string' ||
    typeof title !== 'string' ||
    typeof description !== 'string' ||
    !Array.isArray(policies)
  ) {
    throw new Error('sets.yaml: a set is {slug, title, description, policies}');
  }
  const members = policies.map(String);
  const unknown = members.find((policy) => !known.has(policy));
  if (unknown !== undefined) throw new Error(`sets.yaml: set ${slug} names ${unknown}, which is no policy`);
  return { slug, title, description, policies: members };
}
