import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { canonicalJson, jsonPointer, sha256Hex, type ErrorPlace, type JsonObject } from '#kernel';
import { metered, meteredRegExp, PatternLimitError } from './metered-pattern.js';
import { countValues, schemaLimitProblems, schemaWeight } from './parameter-schema-limits.js';

/** The largest parameters and the largest schema of them, in bytes of JSON. */
export const PARAMETERS_MAX_BYTES = 64 * 1024;

/** Values of the parameters times weight of their schema: some 100 ms and 50 MB at the worst (measured, Node 20). */
const MAX_STEPS = 300_000;
/** Of what is wrong with parameters, as many places are told. */
const MAX_PROBLEMS = 100;
/** As many compiled schemas are kept: a schema is code once it is compiled, some hundred kilobytes of it. */
const KEPT = 200;

const OPTIONS = {
  allErrors: true,
  strict: true,
  strictRequired: false,
  strictTypes: false,
  code: { regExp: meteredRegExp },
  logger: false,
} as const;

/** A schema, compiled once; `validate` is absent where something is wrong with it. */
interface CompiledSchema {
  problems: ErrorPlace[];
  weight: number;
  validate?: ValidateFunction;
}

const known = new Map<string, CompiledSchema>();
/** JSON Schema's own schema: it takes longer to compile than most that are checked by it. */
let metaSchema: Ajv2020 | undefined;

/**
 * Checks parameters against a policy's schema, every place at once, in a tenth of a second at the worst.
 * @param schema JSON Schema (2020-12) of an object
 * @param parameters merged with the defaults
 * @returns what is wrong, by JSON pointer into the parameters; empty where nothing is. A schema that
 *   `parameterSchemaProblems` does not let pass takes no parameters
 */
export function parameterProblems(schema: JsonObject, parameters: JsonObject): ErrorPlace[] {
  const { problems, weight, validate } = compiled(schema);
  if (validate === undefined) {
    const why = problems.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ');
    return [{ pointer: '', detail: `can’t be checked: save a version of the policy with another schema (${why})` }];
  }
  const detail = beyondLimits(parameters, weight);
  if (detail !== undefined) return [{ pointer: '', detail }];
  try {
    if (metered(() => validate(parameters))) return [];
  } catch (error) {
    if (!(error instanceof PatternLimitError)) throw error;
    return [{ pointer: '', detail: error.message }];
  }
  return (validate.errors ?? [])
    .slice(0, MAX_PROBLEMS)
    .map((error) => ({ pointer: pointerOf(error), detail: detailOf(error) }));
}

/**
 * Checks a parameter schema itself: a schema of an object that compiles, and costs no more than it is long.
 * @param schema as its author wrote it
 * @returns what is wrong, by JSON pointer into the schema
 */
export function parameterSchemaProblems(schema: JsonObject): ErrorPlace[] {
  return compiled(schema).problems;
}

function beyondLimits(parameters: JsonObject, weight: number): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(parameters));
  if (bytes > PARAMETERS_MAX_BYTES)
    return `have ${bytes} bytes, defaults included: at most ${PARAMETERS_MAX_BYTES} (64 KiB)`;
  const values = countValues(parameters);
  if (values * weight <= MAX_STEPS) return undefined;
  return `are ${values} values: this policy’s schema takes at most ${Math.floor(MAX_STEPS / weight)}`;
}

function compiled(schema: JsonObject): CompiledSchema {
  const key = sha256Hex(canonicalJson(schema));
  const present = known.get(key);
  known.delete(key);
  const made = present ?? compile(schema);
  if (known.size >= KEPT) known.delete(known.keys().next().value ?? '');
  known.set(key, made);
  return made;
}

function compile(schema: JsonObject): CompiledSchema {
  const refused = (problems: ErrorPlace[]): CompiledSchema => ({ problems, weight: 0 });
  if (schema['type'] !== 'object') {
    const detail = 'parameters are an object: `type: object`, each of them one of `properties`';
    return refused([{ pointer: '/type', detail }]);
  }
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > PARAMETERS_MAX_BYTES)
    return refused([{ pointer: '', detail: `has ${bytes} bytes: at most ${PARAMETERS_MAX_BYTES} (64 KiB)` }]);
  const problems = schemaLimitProblems(schema);
  if (problems.length > 0) return refused(problems);
  try {
    return { problems: [], weight: schemaWeight(schema), validate: validatorOf(schema) };
  } catch (error) {
    return refused([{ pointer: '', detail: error instanceof Error ? error.message : String(error) }]);
  }
}

/** Formats and keywords that nobody knows are refused: they would be taken and mean nothing. */
function validatorOf(schema: JsonObject): ValidateFunction {
  metaSchema ??= new Ajv2020(OPTIONS);
  if (metaSchema.validateSchema(schema) !== true)
    throw new Error(`schema is invalid: ${metaSchema.errorsText(metaSchema.errors, { dataVar: '' })}`);
  const ajv = new Ajv2020({ ...OPTIONS, validateSchema: false, meta: false });
  return metered(() => ajv.compile(schema));
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
