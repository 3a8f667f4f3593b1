import { AppError, canonicalJson, sha256, type JsonObject } from '#kernel';
import type { CreatePolicy, NewVersion } from '#contracts';
import {
  parameterSchemaProblems,
  type CompileProblem,
  type Dialect,
  type DialectOptions,
  type LibrarySource,
  type PolicyInfo,
  type PolicySource,
  type RegoVersion,
} from '#engine';

/** For which engine a policy is written, and in which version of Rego; everything is said. */
export interface Written {
  dialect: Dialect;
  rego_version: RegoVersion;
  libs: LibrarySource[];
}

/** Versions of one policy at most: each is kept for ever. */
export const VERSIONS_MAX = 1_000;

/**
 * Of an organization's own policies that act, what they say beside the Rego included, in bytes: they become one module,
 * which takes the compiler some twenty seconds and 1 GiB at this size (measured, two shared cores).
 */
export const OWN_SOURCES_MAX = 2 * 1024 * 1024;

const GIVEN = [
  'title',
  'category',
  'severity',
  'description',
  'remediation',
  'kinds',
  'container_lists',
  'related',
  'expand',
  'admission',
  'standards',
] as const;

/**
 * @param request as the author sent it
 * @returns what it gives beside the Rego, as METADATA has it
 */
export function givenMetadata(request: CreatePolicy | NewVersion): JsonObject {
  const members = [...GIVEN.map((key) => [key, request[key]] as const), ['parameters', request.parameters_schema]];
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** @returns what was given beside the Rego, as it would be sent */
export function givenRequest({ parameters, ...given }: JsonObject): JsonObject {
  return { ...given, ...(parameters !== undefined && { parameters_schema: parameters }) };
}

/**
 * @param written for which engine, and in which version of Rego; as Bylaw's own unless given
 * @returns a policy of an organization's own as the compiler takes it: in whatever package its author wrote it
 */
export function ownSource(
  slug: string,
  rego: string,
  given: JsonObject,
  { dialect = 'native', rego_version = 'v1', libs = [] }: DialectOptions = {},
): PolicySource {
  return {
    slug,
    file: 'policy.rego',
    source: rego,
    metadata: given,
    own_package: true,
    ...(dialect !== 'native' && { dialect }),
    ...(rego_version !== 'v1' && { rego_version }),
    ...(libs.length > 0 && { libs }),
  };
}

/**
 * @param before how the latest version is written
 * @param change what was sent for the next one
 * @returns how the next one is; Bylaw's own policies bring no modules along
 */
export function writtenFor(before: DialectOptions, change: DialectOptions): Written {
  const dialect = change.dialect ?? before.dialect ?? 'native';
  const libs = change.libs ?? before.libs ?? [];
  return {
    dialect,
    rego_version: change.rego_version ?? before.rego_version ?? 'v1',
    libs: dialect === 'native' ? [] : [...libs],
  };
}

/** @returns what tells two versions apart: what it says and what it does */
export function ownDigest(policy: PolicyInfo): Buffer {
  return sha256(canonicalJson({ metadata: policy.metadata, source: policy.source_digest }));
}

/**
 * @param errors of the compiler
 * @throws AppError `policy_does_not_compile` with row, column and code of each
 */
export function refuseBroken(errors: readonly CompileProblem[]): never {
  const places = errors.map(({ row, col, code, message, pointer }) => ({
    row,
    col,
    code,
    message,
    pointer: pointer ?? '/rego',
    detail: row > 0 ? `${row}:${col} ${message}` : message,
  }));
  throw new AppError(
    'policy_does_not_compile',
    places
      .map(({ detail }) => detail)
      .join('; ')
      .slice(0, 2_000),
    {
      errors: places,
    },
  );
}

/**
 * @param policy compiled
 * @throws AppError `unprocessable` with the places in the parameter schema that are wrong
 */
export function requireParameterSchema({ metadata }: PolicyInfo): void {
  const problems = parameterSchemaProblems(metadata.parameters).map(({ pointer, detail }) => ({
    pointer: `/parameters_schema${pointer}`,
    detail,
  }));
  if (problems.length === 0) return;
  const detail = problems.map((problem) => `${problem.pointer}: ${problem.detail}`).join('; ');
  throw new AppError('unprocessable', detail, { errors: problems });
}

/**
 * A policy that is kept elsewhere, as in a repository, is changed by who pushes it from there.
 * @param policy as it is
 * @param source where whoever wants to change it keeps it
 * @throws AppError `read_only`, which names where it is kept
 */
export function refuseOthers(policy: { slug: string; source: string | null }, source: string | undefined): void {
  if (policy.source === null || policy.source === source) return;
  const detail = `"${policy.slug}" is kept in ${policy.source}: change it there and push it, or let it go from there first.`;
  throw new AppError('read_only', detail, { extra: { source: policy.source } });
}
