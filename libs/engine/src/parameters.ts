import { isJsonObject, type Json, type JsonObject } from '#kernel';

/**
 * Fills in what was not given from the defaults of a policy's parameter schema, so that a policy may rely on every
 * parameter that it declares (contract of E3). Validates nothing.
 * @param schema JSON Schema of type object, as in the policy's metadata
 * @param given parameters of a binding; keys that the schema does not know are kept
 * @returns new parameters; nothing of them is shared with the schema
 */
export function mergeParameters(schema: JsonObject, given: JsonObject = {}): JsonObject {
  const merged = new Map<string, Json>();
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  for (const [name, property] of Object.entries(properties)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const filled = isJsonObject(property) ? fill(property, value) : value;
    if (filled !== undefined) merged.set(name, filled);
  }
  for (const [name, value] of Object.entries(given)) if (!merged.has(name)) merged.set(name, value);
  return Object.fromEntries(merged);
}

/** An object that was given gets the defaults of its own properties, not those of the default object; in lists too. */
function fill(property: JsonObject, given: Json | undefined): Json | undefined {
  if (given === undefined) return structuredClone(property['default']);
  if (isJsonObject(given) && isJsonObject(property['properties'])) return mergeParameters(property, given);
  const { items } = property;
  if (Array.isArray(given) && isJsonObject(items)) return given.map((item) => fill(items, item) ?? item);
  return given;
}
