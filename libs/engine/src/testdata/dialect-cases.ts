import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Json, JsonObject } from '#kernel';
import { packageRoot } from '../compiler-artefact.js';
import type { Dialect, RegoVersion } from '../policy.js';

/** What a policy is asked about. */
export interface DialectSubject {
  object: JsonObject;
  parameters?: JsonObject;
  /** What `data.inventory` holds. */
  inventory?: JsonObject[];
}

/** A policy as another engine has it, and what that engine answered. */
export interface DialectCase {
  name: string;
  dialect: Dialect;
  rego_version: RegoVersion;
  title?: string;
  rego: string;
  libs?: string[];
  subjects: DialectSubject[];
  /** By subject. */
  answers: DialectAnswer[][];
}

export interface DialectAnswer {
  message: string;
  path?: string;
  expected?: Json;
  found?: Json;
}

const FOLDER = join(packageRoot(), 'libs', 'engine', 'src', 'testdata');

/** Policies in dialects with the answers of their own engines (tools/dialect-oracle). */
export function readDialectCases(): DialectCase[] {
  const cases = parse(readFileSync(join(FOLDER, 'dialect-cases.yaml'), 'utf8')) as Omit<DialectCase, 'answers'>[];
  const answers = JSON.parse(readFileSync(join(FOLDER, 'dialect-answers.json'), 'utf8')) as Record<
    string,
    DialectAnswer[][]
  >;
  return cases.map((one) => ({ ...one, answers: answers[one.name] ?? [] }));
}
