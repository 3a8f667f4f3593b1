import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '#kernel';
import type { PolicyCase } from '#contracts';
import { parse, stringify } from 'yaml';
import type { VerdictKind } from './verdict.js';

/** What a fixture's file name promises; `invalid` documents are refused before any policy sees them. */
export type FixtureKind = 'pass' | 'fail' | 'skip' | 'na' | 'invalid';

/** One sample object and what a policy says of it. */
export interface Fixture {
  /** File name without its folder. */
  file: string;
  kind: FixtureKind;
  description: string;
  object: JsonObject;
  parameters: JsonObject;
  related: Record<string, JsonObject[]>;
  context: JsonObject;
  /** All findings of a `fail` fixture, each compared on the keys given; none where the verdict alone is expected. */
  findings: JsonObject[];
  /** Of a `skip` or `na` fixture; compared where given. */
  reason?: string;
  /** Path of an `invalid` fixture that normalise() refuses. */
  invalid?: string;
}

export const FIXTURE_VERDICTS: Record<Exclude<FixtureKind, 'invalid'>, VerdictKind> = {
  pass: 'pass',
  fail: 'fail',
  skip: 'skipped',
  na: 'not_applicable',
};

const FILE_NAME = /^(pass|fail|skip|na|invalid)-.+\.yaml$/;
const KEYS = ['description', 'object', 'parameters', 'related', 'context', 'findings', 'reason', 'invalid'];
const TIMESTAMP = 'tag:yaml.org,2002:timestamp';

/**
 * @param file name, whose prefix says the verdict
 * @param text YAML 1.1 as Kubernetes reads it: `0644` is a number, `yes` is true, a date stays a text
 * @throws Error where the file is no fixture
 */
export function readFixture(file: string, text: string): Fixture {
  const kind = FILE_NAME.exec(basename(file))?.[1] as FixtureKind | undefined;
  if (kind === undefined) throw new Error(`${file}: a fixture is named pass-, fail-, skip-, na- or invalid-….yaml`);
  const document = parse(text, {
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== TIMESTAMP),
  }) as Json;
  if (!isJsonObject(document) || !isJsonObject(document['object'])) throw new Error(`${file}: object is missing`);
  const unknown = Object.keys(document).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new Error(`${file}: unknown key ${unknown}: one of ${KEYS.join(', ')}`);
  return checkedFixture(file, kind, document, document['object']);
}

function checkedFixture(file: string, kind: FixtureKind, document: JsonObject, object: JsonObject): Fixture {
  const findings = document['findings'] ?? [];
  const { description, reason, invalid } = document;
  if (!Array.isArray(findings) || !findings.every(isJsonObject)) throw new Error(`${file}: findings is not a list`);
  if (kind !== 'fail' && findings.length > 0) throw new Error(`${file}: only fail- fixtures have findings`);
  if ((kind === 'invalid') !== (typeof invalid === 'string'))
    throw new Error(`${file}: invalid names the refused path`);
  return {
    file: basename(file),
    kind,
    description: typeof description === 'string' ? description : '',
    object,
    parameters: member(document, 'parameters'),
    related: member(document, 'related') as Record<string, JsonObject[]>,
    context: member(document, 'context'),
    findings,
    ...(typeof reason === 'string' && { reason }),
    ...(typeof invalid === 'string' && { invalid }),
  };
}

function member(document: JsonObject, key: string): JsonObject {
  const value = document[key];
  return isJsonObject(value) ? value : {};
}

/**
 * @param folder of one policy
 * @returns what its `fixtures/` holds, by name; nothing where there is none
 */
export async function readFixtures(folder: string): Promise<Fixture[]> {
  const files = (await namesIn(join(folder, 'fixtures'))).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (file) => readFixture(file, await readFile(join(folder, 'fixtures', file), 'utf8'))),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** @returns a fixture as the platform keeps it; none where its document is refused before any policy sees it */
export function caseOfFixture(fixture: Fixture): PolicyCase[] {
  const { kind, file, object, parameters, related, context, findings, reason } = fixture;
  if (kind === 'invalid') return [];
  const beside = { parameters, related, context };
  return [
    {
      name: file.replace(/\.yaml$/, ''),
      expect: FIXTURE_VERDICTS[kind] as PolicyCase['expect'],
      object,
      ...Object.fromEntries(Object.entries(beside).filter(([, value]) => Object.keys(value).length > 0)),
      ...(findings.length > 0 && { findings }),
      ...(reason !== undefined && { reason }),
    },
  ];
}

/**
 * @param one as the platform keeps it
 * @returns a fixture's file, its name beginning with the verdict that is expected
 */
export function fixtureOfCase({ name, expect, object, findings, ...beside }: PolicyCase): {
  file: string;
  text: string;
} {
  const kind = Object.entries(FIXTURE_VERDICTS).find(([, verdict]) => verdict === expect)?.[0] ?? 'pass';
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const file = `${slug.startsWith(`${kind}-`) ? slug : `${kind}-${slug}`}.yaml`;
  const found = findings === undefined ? {} : { findings };
  return { file, text: stringify({ description: name, object, ...beside, ...found }, { version: '1.1' }) };
}
