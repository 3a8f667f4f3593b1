import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256Hex, type JsonObject } from '#kernel';
import type { Fixture } from '../fixtures.js';

/** A fixture's object as an API server returns it, or why it returns none. */
export interface DefaultedFixture {
  /** Of the object as the fixture has it. */
  digest: string;
  object?: JsonObject;
  /** What the server says, or that it does not know the kind. */
  refused?: string;
}

/** What an API server made of the fixtures of one policy, by their files; written by tools/defaulted-fixtures.mjs. */
export interface DefaultedFixtures {
  kubernetes_version: string;
  fixtures: Record<string, DefaultedFixture>;
}

/** Beside the fixtures. */
const FILE = 'defaulted.json';

/** @returns which object a pair was made of: another one needs another pair */
export function fixtureDigest({ object }: Pick<Fixture, 'object'>): string {
  return sha256Hex(canonicalJson(object)).slice(0, 16);
}

/** @returns the file of a policy's folder */
export function defaultedFile(folder: string): string {
  return join(folder, 'fixtures', FILE);
}

/**
 * @param folder of one policy
 * @returns undefined where nobody has asked a server yet
 */
export function readDefaulted(folder: string): DefaultedFixtures | undefined {
  const file = defaultedFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DefaultedFixtures) : undefined;
}

/** @returns the file's text, a line a fixture, so that a change shows where it is */
export function defaultedText({ kubernetes_version, fixtures }: DefaultedFixtures): string {
  const lines = Object.entries(fixtures)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, fixture]) => `${JSON.stringify(file)}:${canonicalJson({ ...fixture })}`);
  const version = JSON.stringify(kubernetes_version);
  return `{"kubernetes_version":${version},"fixtures":{\n${lines.join(',\n')}\n}}\n`;
}
