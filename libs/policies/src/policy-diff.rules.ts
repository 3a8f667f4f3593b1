import { createTwoFilesPatch } from 'diff';
import { canonicalJson, isJsonObject, jsonPointer, type Json, type JsonObject } from '#kernel';
import type { PolicyCase, PolicyDiff } from '#contracts';

/** A version, as far as a difference looks at it. */
export interface ComparedVersion {
  version: number;
  rego: string | null;
  tests: string | null;
  cases: readonly PolicyCase[];
  metadata: JsonObject;
}

/**
 * @param from one version
 * @param to another
 * @returns what changed between them
 */
export function diffVersions(from: ComparedVersion, to: ComparedVersion): PolicyDiff {
  const rego = textDiff('policy.rego', from, to, from.rego, to.rego);
  const tests = textDiff('policy_test.rego', from, to, from.tests, to.tests);
  const cases = diffCases(from.cases, to.cases);
  const metadata = diffValues(from.metadata, to.metadata, []);
  const same = rego === null && tests === null && metadata.length === 0 && Object.values(cases).flat().length === 0;
  return { from: from.version, to: to.version, same, rego, tests, cases, metadata };
}

function textDiff(
  file: string,
  from: ComparedVersion,
  to: ComparedVersion,
  before: string | null,
  after: string | null,
): string | null {
  if (before === after) return null;
  const named = ({ version }: ComparedVersion): string => `version ${version}`;
  return createTwoFilesPatch(file, file, before ?? '', after ?? '', named(from), named(to));
}

function diffCases(before: readonly PolicyCase[], after: readonly PolicyCase[]): PolicyDiff['cases'] {
  const [old, now] = [byName(before), byName(after)];
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, text]) => (old.has(name) && old.get(name) !== text ? [name] : [])),
  };
}

function byName(cases: readonly PolicyCase[]): Map<string, string> {
  return new Map(cases.map((one) => [one.name, canonicalJson(one)]));
}

/** Objects are compared member by member; lists as a whole, since what moved in them is seen best so. */
function diffValues(
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[],
): PolicyDiff['metadata'] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const members = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return members.flatMap((member) => diffValues(before[member], after[member], [...path, member]));
  }
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after)) return [];
  if (before === after) return [];
  const pointer = jsonPointer(path);
  return [{ pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}
