import { isJsonObject, jsonPointer, type ErrorPlace, type Json, type JsonObject } from '#kernel';

/** Of a parameter schema: each of its parts is compiled, and looks at each value that comes to it. */
const MAX_SUBSCHEMAS = 500;
const MAX_DEPTH = 20;
/** Where nothing but comparing each with each tells whether items are unique. */
const MAX_UNIQUE_ITEMS = 1_000;
/** Of what is wrong, as many places are told. */
const MAX_PROBLEMS = 20;

const HOLDS_SCHEMA = ['items', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'];
const HOLDS_LIST = ['prefixItems', 'allOf', 'anyOf', 'oneOf'];
const HOLDS_MAP = ['properties', 'patternProperties', 'dependentSchemas', 'dependencies'];

/** Those that only say what the schema is. `$async` is none of them: Ajv would answer with a promise, which is always true. */
const HARMLESS = ['$schema', '$id', '$comment'];
const UNEVALUATED = ['unevaluatedProperties', 'unevaluatedItems'];
const SCALARS: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'null'];

interface Subschema {
  schema: JsonObject;
  path: string[];
  depth: number;
}

/**
 * Whether a schema costs no more than it is long: without references, each of its parts looks at each value once. With
 * them, a chain of forty `$defs` that each name the next twice takes 2⁴⁰ steps.
 * @param schema as its author wrote it
 * @returns what is refused, by JSON pointer into the schema
 */
export function schemaLimitProblems(schema: JsonObject): ErrorPlace[] {
  const problems: ErrorPlace[] = [];
  let count = 0;
  for (const subschema of subschemas({ schema, path: [], depth: 0 })) {
    problems.push(...problemsOf(subschema));
    if ((count += 1) > MAX_SUBSCHEMAS)
      problems.push({ pointer: '', detail: `has more than ${MAX_SUBSCHEMAS} parts: write fewer parameters` });
    if (count > MAX_SUBSCHEMAS || problems.length >= MAX_PROBLEMS) break;
  }
  return problems;
}

/**
 * @param schema that `schemaLimitProblems` lets pass
 * @returns the most steps that it takes for one value
 */
export function schemaWeight(schema: JsonObject): number {
  let weight = countValues(schema);
  for (const { schema: part } of subschemas({ schema, path: [], depth: 0 }))
    if (comparesEach(part)) weight += Number(part['maxItems']);
  return weight;
}

/** @returns how many values a JSON value is made of, itself among them */
export function countValues(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1);
}

/** Every schema within, the outer ones first, down to one level more than is taken. */
function* subschemas(outer: Subschema): Generator<Subschema> {
  yield outer;
  if (outer.depth > MAX_DEPTH) return;
  for (const [path, value] of membersOf(outer.schema))
    if (isJsonObject(value))
      yield* subschemas({ schema: value, path: [...outer.path, ...path], depth: outer.depth + 1 });
}

function membersOf(schema: JsonObject): [path: string[], value: Json | undefined][] {
  return Object.entries(schema).flatMap(([keyword, value]): [string[], Json | undefined][] => {
    if (HOLDS_SCHEMA.includes(keyword)) return [[[keyword], value]];
    const isGroup = (HOLDS_LIST.includes(keyword) && Array.isArray(value)) || HOLDS_MAP.includes(keyword);
    if (!isGroup || typeof value !== 'object' || value === null) return [];
    return Object.entries(value).map(([key, item]) => [[keyword, key], item as Json]);
  });
}

function problemsOf({ schema, path, depth }: Subschema): ErrorPlace[] {
  const pointer = (...keys: string[]): string => jsonPointer([...path, ...keys]);
  if (depth > MAX_DEPTH) return [{ pointer: pointer(), detail: `lies more than ${MAX_DEPTH} schemas deep` }];
  const problems = Object.keys(schema).flatMap((keyword): ErrorPlace[] => {
    const detail = refusalOf(keyword);
    return detail === undefined ? [] : [{ pointer: pointer(keyword), detail }];
  });
  const most = schema['maxItems'];
  if (comparesEach(schema) && !(typeof most === 'number' && most <= MAX_UNIQUE_ITEMS)) {
    const detail = `each item is compared with each: give \`maxItems\` of at most ${MAX_UNIQUE_ITEMS} beside it, or items of a scalar \`type\``;
    problems.push({ pointer: pointer('uniqueItems'), detail });
  }
  return problems;
}

function refusalOf(keyword: string): string | undefined {
  if (keyword === 'definitions' || (keyword.startsWith('$') && !HARMLESS.includes(keyword)))
    return `${keyword} is not taken in a parameter schema: write what it stands for in its place`;
  if (UNEVALUATED.includes(keyword))
    return `${keyword} is not taken in a parameter schema: name the properties, and use additionalProperties`;
  return undefined;
}

/** Scalars of a known type are told apart by a table, at once. */
function comparesEach({ uniqueItems, items, prefixItems }: JsonObject): boolean {
  if (uniqueItems !== true) return false;
  const types = isJsonObject(items) && items['type'] !== undefined ? [items['type']].flat() : [];
  return prefixItems !== undefined || types.length === 0 || !types.every((type) => SCALARS.includes(type));
}
