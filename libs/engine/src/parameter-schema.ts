import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { canonicalJson, jsonPointer, sha256Hex, type ErrorPlace, type JsonObject } from '#kernel';

/** As many compiled schemas are kept: a schema is code once it is compiled. */
const KEPT = 500;

/** RE2 in place of JavaScript's RegExp, which a hostile pattern can keep busy for ever. */
const re2 = Object.assign((pattern: string) => new Pattern(pattern), { code: 're2' });

class Pattern {
  private readonly compiled: RE2JS;

  constructor(readonly source: string) {
    this.compiled = RE2JS.compile(source);
  }

  test(text: string): boolean {
    return this.compiled.matcher(text).find();
  }
}

const known = new Map<string, ValidateFunction>();

/**
 * Checks parameters against a policy's schema, every place at once.
 * @param schema JSON Schema (2020-12) of an object, as `checkParameterSchema` lets it pass
 * @param parameters merged with the defaults
 * @returns what is wrong, by JSON pointer into the parameters; empty where nothing is
 */
export function parameterProblems(schema: JsonObject, parameters: JsonObject): ErrorPlace[] {
  const validate = compiled(schema);
  if (validate(parameters)) return [];
  return (validate.errors ?? []).map((error) => ({ pointer: pointerOf(error), detail: detailOf(error) }));
}

/**
 * Checks a parameter schema itself: a schema of an object that compiles, and takes its own defaults.
 * @param schema as its author wrote it
 * @returns what is wrong, by JSON pointer into the schema
 */
export function parameterSchemaProblems(schema: JsonObject): ErrorPlace[] {
  if (schema['type'] !== 'object')
    return [{ pointer: '/type', detail: 'parameters are an object: `type: object`, each of them one of `properties`' }];
  try {
    compiled(schema);
  } catch (error) {
    return [{ pointer: '', detail: error instanceof Error ? error.message : String(error) }];
  }
  return [];
}

/** Without `$ref` to elsewhere, formats or keywords that nobody knows: they would be taken and mean nothing. */
function compiled(schema: JsonObject): ValidateFunction {
  const key = sha256Hex(canonicalJson(schema));
  const present = known.get(key);
  if (present !== undefined) return present;
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    validateSchema: true,
    code: { regExp: re2 },
    logger: false,
  });
  const validate = ajv.compile(schema);
  if (known.size >= KEPT) known.delete(known.keys().next().value ?? '');
  known.set(key, validate);
  return validate;
}

function pointerOf({ instancePath, keyword, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as { missingProperty?: string; additionalProperty?: string };
  const key =
    keyword === 'required' ? missingProperty : keyword === 'additionalProperties' ? additionalProperty : undefined;
  return key === undefined ? instancePath : instancePath + jsonPointer([key]);
}

function detailOf({ keyword, message, params }: ErrorObject): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is no parameter of this policy';
  const allowed = (params as { allowedValues?: unknown[] }).allowedValues;
  if (keyword === 'enum' && allowed !== undefined) return `must be one of ${allowed.map(String).join(', ')}`;
  return message ?? keyword;
}
