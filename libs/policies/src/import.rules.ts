import { canonicalJson, type Json, type JsonObject, isJsonObject, sha256 } from '#kernel';
import { policySlugSchema } from '#contracts';
import type { Dialect, LibrarySource, RegoVersion } from '#engine';

/** A document of another engine, or why it could not be read. */
export interface ForeignDocument {
  index: number;
  /** The file, where it came in one. */
  path?: string;
  /** `refused` is what could not be read, `ignored` what nobody would. */
  content: { object: JsonObject } | { rego: string } | { refused: string } | { ignored: string };
}

/** A policy as another engine has it, ready to be compiled. */
export interface PolicyDraft {
  /** Which document it is, however often it is imported. */
  importKey: string;
  /** What its slug is made of. */
  name: string;
  rego: string;
  /** Its metadata. */
  given: JsonObject;
  dialect: Dialect;
  /** In order: the first that compiles is meant. */
  rego_versions: readonly [RegoVersion, ...RegoVersion[]];
  libs: LibrarySource[];
}

/** What a document says of where policies apply and what they do there: targets, bindings and sets are made of it. */
export interface BindingDraft {
  from: 'gatekeeper-constraint' | 'gatekeeper-config' | 'weave-policy' | 'weave-policy-set' | 'weave-policy-config';
  object: JsonObject;
}

/** What became of a document; the converters of each foreign kind answer with these. */
export type Converted = { document: ForeignDocument; kind: string | null; name: string | null; notes: string[] } & (
  { as: 'policy'; draft: PolicyDraft } | { as: 'binding'; draft: BindingDraft } | Refusal
);

/** What a converter answers; where it stood is known already. */
export type Conversion = { as: 'policy'; draft: PolicyDraft; notes: string[] } | Refusal;

/** Why a document was not imported. */
export interface Refusal {
  as: 'skipped' | 'failed';
  reason: string;
}

/** How the compiler says that policies have no such function. */
const UNDEFINED_FUNCTION = /^undefined function (\S+)/;
const SLUG_MAX = 63;

/**
 * @param name of a foreign policy
 * @returns a valid slug that looks as much like it as may be
 */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const slug = plain.replace(/^-+/, '').slice(0, SLUG_MAX).replace(/-+$/, '');
  return policySlugSchema.safeParse(slug).success ? slug : 'imported';
}

/**
 * @param wanted slug
 * @param taken whether somebody has one; from then on this one is
 * @returns the slug, or the first `<slug>-2`, `<slug>-3`… that nobody has
 */
export function freeSlug(wanted: string, taken: Set<string>): string {
  let slug = wanted;
  for (let number = 2; taken.has(slug); number++) {
    const ending = `-${number}`;
    slug = `${wanted.slice(0, SLUG_MAX - ending.length).replace(/-+$/, '')}${ending}`;
  }
  taken.add(slug);
  return slug;
}

/** @returns what tells two states of a document apart, as far as its policy is made of them */
export function draftDigest({ rego, given, dialect, rego_versions, libs }: PolicyDraft): Buffer {
  return sha256(canonicalJson({ rego, given, dialect, rego_versions, libs }));
}

/**
 * @param errors of the compiler
 * @returns why the policy can't be imported: `skipped` where its engine has what Bylaw keeps from policies
 */
export function refusalOf(errors: readonly { file?: string; row: number; col: number; message: string }[]): Refusal {
  const missing = new Set(errors.flatMap(({ message }) => UNDEFINED_FUNCTION.exec(message)?.[1] ?? []));
  if (missing.size > 0) {
    const names = [...missing].sort().join(', ');
    return { as: 'skipped', reason: `it calls ${names}, which policies can’t call here` };
  }
  const told = errors.slice(0, 5).map(({ file, row, col, message }) => {
    const place = file === undefined || file === 'policy.rego' ? `${row}:${col}` : `${file}:${row}:${col}`;
    return row > 0 ? `${place} ${message}` : message;
  });
  const more = errors.length > told.length ? `, and ${errors.length - told.length} more` : '';
  return { as: 'failed', reason: `${told.join('; ')}${more}` };
}

/** @returns the member, where it is a text with something in it */
export function textOf(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** @returns the member, where it is an object */
export function objectOf(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

/** @returns the member, where it is a list, else nothing */
export function listOf(object: JsonObject | undefined, key: string): readonly Json[] {
  const value = object?.[key];
  return Array.isArray(value) ? value : [];
}

/**
 * @param text as its author wrote it
 * @param most characters
 * @returns it, or its beginning
 */
export function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
