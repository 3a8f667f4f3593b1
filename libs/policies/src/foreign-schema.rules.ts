import { type Json, type JsonObject, isJsonObject } from '#kernel';
import { parameterSchemaProblems } from '#engine';

/** Keywords that mean the same in a custom resource's schema (OpenAPI 3.0) and in JSON Schema 2020-12. */
const SAME =
  'type required enum default title description minimum maximum multipleOf minLength maxLength pattern minItems maxItems uniqueItems minProperties maxProperties'.split(
    ' ',
  );
const LISTS = ['allOf', 'anyOf', 'oneOf'];
const DEPTH_MAX = 50;

/**
 * @param schema of a ConstraintTemplate's parameters, as it stands there
 * @returns JSON Schema of the same parameters, and what is not checked as it was there
 */
export function parameterSchemaOf(schema: JsonObject | undefined): { schema: JsonObject; notes: string[] } {
  if (schema === undefined) return { schema: { type: 'object' }, notes: [] };
  const converted = { ...convert(schema, 0), type: 'object' };
  const problem = parameterSchemaProblems(converted)[0];
  if (problem === undefined) return { schema: converted, notes: [] };
  const note = `its parameters are not checked, since their schema is not taken: ${problem.pointer} ${problem.detail}`;
  return { schema: { type: 'object' }, notes: [note] };
}

function convert(schema: JsonObject, depth: number): JsonObject {
  if (depth > DEPTH_MAX) return {};
  const within = (value: Json): Json => (isJsonObject(value) ? convert(value, depth + 1) : value);
  const out = new Map<string, Json>();
  for (const [key, value] of Object.entries(schema)) {
    if (SAME.includes(key)) out.set(key, value);
    else if (LISTS.includes(key) && Array.isArray(value)) out.set(key, value.map(within));
    else if (key === 'properties' && isJsonObject(value))
      out.set(key, Object.fromEntries(Object.entries(value).map(([name, property]) => [name, within(property)])));
    else if (['items', 'additionalProperties', 'not'].includes(key) && !Array.isArray(value))
      out.set(key, within(value));
  }
  return { ...Object.fromEntries(out), ...boundsOf(schema), ...typeOf(schema) };
}

/** There a bound is made exclusive by a flag beside it, here it is another keyword. */
function boundsOf(schema: JsonObject): JsonObject {
  const bounds: JsonObject = {};
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = schema[bound];
    if (schema[flag] === true && typeof value === 'number') bounds[flag] = value;
    if (typeof schema[flag] === 'number') bounds[flag] = schema[flag];
  }
  return bounds;
}

/** What may be null has that among its types, and among its values. */
function typeOf({ type, nullable, enum: values, ...schema }: JsonObject): JsonObject {
  const types = schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : [type ?? []].flat();
  if (types.length === 0) return {};
  if (nullable !== true) return { type: types.length === 1 ? (types[0] ?? null) : types };
  return {
    type: [...new Set([...types, 'null'])],
    ...(Array.isArray(values) && { enum: values.includes(null) ? values : [...values, null] }),
  };
}
