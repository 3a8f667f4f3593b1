import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'schemathesis';
/** Of the test cases where a value is known. */
const SHARE = 0.8;

/** Values that mostly stand where others would be made up, by `query.at`, `body.rego`. */
export type KnownValues = Record<string, readonly (string | number)[]>;

/** One operation, with what is particular to it. */
export interface KnownOperation {
  method: string;
  path: string;
  /** What its path names, always. */
  ids: Record<string, string | number>;
  known: KnownValues;
  /** Statuses that are right for what the schema allows, beside those of all operations. */
  alsoRight?: readonly number[];
}

/** What is asked of Schemathesis. */
export interface Walk {
  /** Of the served description. */
  url: string;
  /** Credentials by the description's security schemes. */
  credentials: Record<string, string>;
  operations: readonly KnownOperation[];
  /** Test cases of each operation and kind of data, beside those that cover each keyword of its schema. */
  examples: number;
  seed: number;
}

export interface WalkReport {
  /** What it printed: each failure with the request that shows it. */
  text: string;
  /** How many kinds of failures there were, over all operations. */
  failures: number;
  /** How many operations were called. */
  tested: number;
}

/** @returns whether there is a Schemathesis to run; where everything has to be there (`CI=true`), its lack is an error */
export function schemathesisIsInstalled(): boolean {
  const found = spawnSync(PROGRAM, ['--version']).status === 0;
  if (!found && process.env['CI'] === 'true') throw new Error(`${PROGRAM} is missing: pip install schemathesis`);
  if (!found) process.stderr.write(`${PROGRAM} is missing: what needs it is skipped\n`);
  return found;
}

/** Calls every operation of an API with data that its description allows, and with data that it forbids. */
export async function walkApi(walk: Walk): Promise<WalkReport> {
  const folder = mkdtempSync(join(tmpdir(), 'bylaw-schemathesis-'));
  try {
    const config = join(folder, 'schemathesis.toml');
    const report = join(folder, 'report.json');
    writeFileSync(config, configOf(walk));
    const args = ['--config-file', config, '--no-color', 'run', walk.url, '--report', 'json'];
    const named = walk.operations.flatMap(({ method, path }) => ['--include-name', `${method} ${path}`]);
    const text = await printedBy([...args, '--report-json-path', report, ...named], folder);
    return { text, ...readReport(readFileSync(report, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs it to its end, whatever it finds. */
async function printedBy(args: string[], folder: string): Promise<string> {
  const child = spawn(PROGRAM, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  // 0: nothing found, 1: something found; else it could not do it.
  if (code !== 0 && code !== 1) throw new Error(text);
  return text;
}

function readReport(json: string): Omit<WalkReport, 'text'> {
  const { operations, test_cases: cases } = JSON.parse(json) as {
    operations: { tested: number };
    test_cases: { unique_failures: number; errored: number };
  };
  return { failures: cases.unique_failures + cases.errored, tested: operations.tested };
}

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
  'missing_required_header',
  'unsupported_method',
  'ignored_auth',
];

/**
 * A refusal of what the schema allows is right where it says that something is not there (404), in the way (409, 412) or
 * can't be carried out (422); one of its form (400) means that the schema says too little.
 */
const RIGHT_FOR_ALLOWED = [200, 201, 202, 204, 404, 409, 412, 422];
const RIGHT_FOR_FORBIDDEN = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 431];

function configOf({ credentials, operations, examples, seed }: Walk): string {
  return [
    `seed = ${seed}`,
    'continue-on-failure = true',
    `auth.openapi = ${inline(credentials, (value) => `{ bearer = ${JSON.stringify(value)} }`)}`,
    // The description can't say of each text that it has no NUL; that it is refused is tested elsewhere.
    `generation = { max-examples = ${examples}, allow-x00 = false, database = "none" }`,
    'phases = { stateful.enabled = false }',
    '[checks]',
    'enabled = false',
    ...CHECKS.map((check) => `${check}.enabled = true`),
    'positive_data_acceptance.enabled = true',
    'negative_data_rejection.enabled = true',
    `positive_data_acceptance.expected-statuses = ${JSON.stringify(RIGHT_FOR_ALLOWED)}`,
    `negative_data_rejection.expected-statuses = ${JSON.stringify(RIGHT_FOR_FORBIDDEN)}`,
    ...dictionaries(operations),
    ...operations.flatMap(operationOf),
  ].join('\n');
}

/** Values are named first, and given by name. */
function dictionaries(operations: readonly KnownOperation[]): string[] {
  const known = operations.flatMap((operation) =>
    Object.entries(operation.known).map(([place, values]) => [nameOf(operation, place), values] as const),
  );
  return ['[dictionaries]', ...known.map(([name, values]) => `${name} = { values = ${JSON.stringify(values)} }`)];
}

function operationOf(operation: KnownOperation): string[] {
  const { method, path, ids, known, alsoRight = [] } = operation;
  const parameters = inline({ ...ids, ...known }, (value, place) =>
    typeof value === 'object'
      ? `{ dictionary = "${nameOf(operation, place)}", probability = ${SHARE} }`
      : JSON.stringify(value),
  );
  const right = JSON.stringify([...RIGHT_FOR_ALLOWED, ...alsoRight]);
  return [
    '[[operations]]',
    // By its name: of several conditions one would do.
    `include-name = ${JSON.stringify(`${method} ${path}`)}`,
    `parameters = ${parameters}`,
    `checks.positive_data_acceptance.expected-statuses = ${right}`,
  ];
}

/** TOML's texts are written as JSON's. */
function inline<Value>(table: Record<string, Value>, write: (value: Value, key: string) => string): string {
  return `{ ${Object.entries(table)
    .map(([key, value]) => `${JSON.stringify(key)} = ${write(value, key)}`)
    .join(', ')} }`;
}

function nameOf({ method, path }: KnownOperation, place: string): string {
  return `${method}${path}-${place}`.replaceAll(/[^\w-]/g, '_');
}
