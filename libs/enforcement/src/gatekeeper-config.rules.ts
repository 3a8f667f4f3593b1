import { z } from 'zod';
import type { JsonObject } from '#kernel';
import type { ObjectCondition } from '#decision';
import { globMatches } from '#kube';
import type { SkippedDocument } from './import-conversion.js';

/** Parts of Gatekeeper that leave namespaces out, as its Config names them. */
const PROCESSES = ['audit', 'webhook', 'sync'] as const;
export type GatekeeperProcess = (typeof PROCESSES)[number];

/** The namespaces that each part of Gatekeeper leaves out. */
export type GatekeeperExclusions = Record<GatekeeperProcess, readonly string[]>;

/** Where there is no Config. */
export const NOTHING_EXCLUDED: GatekeeperExclusions = { audit: [], webhook: [], sync: [] };

/** A name, or a glob with `*` in front, behind or both: what Gatekeeper’s own schema lets pass. */
export const wildcardSchema = z.string().regex(/^\*?[-:a-z0-9]*\*?$/, 'a name, with * in front or behind at most');

const configSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  spec: z
    .looseObject({
      match: z
        .array(
          z.looseObject({
            processes: z.array(z.string()).nullish(),
            excludedNamespaces: z.array(wildcardSchema).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/**
 * Reads what Gatekeeper’s Config leaves out.
 * @param document of kind Config, `config.gatekeeper.sh`
 * @returns globs of namespaces by process, each once and in order, with what is not heard; or why Gatekeeper hears none of it
 */
export function readExclusions(
  document: JsonObject,
): { exclusions: GatekeeperExclusions; notes: string[] } | SkippedDocument {
  const parsed = configSchema.safeParse(document);
  if (!parsed.success) return { skipped: `no Config as Gatekeeper has it: ${firstIssue(parsed.error)}` };
  const { metadata, spec } = parsed.data;
  if (metadata.name !== 'config') return { skipped: 'Gatekeeper hears only the Config that is called "config"' };
  const found: Record<GatekeeperProcess, Set<string>> = { audit: new Set(), webhook: new Set(), sync: new Set() };
  const notes: string[] = [];
  for (const { processes, excludedNamespaces } of spec?.match ?? []) {
    for (const process of processes ?? []) {
      const meant = PROCESSES.filter((one) => process === '*' || one === process);
      if (meant.length === 0) notes.push(`what ${process} leaves out is not heard: nothing here does its work`);
      for (const one of meant) for (const glob of excludedNamespaces ?? []) found[one].add(glob);
    }
  }
  const exclusions = { audit: inOrder(found.audit), webhook: inOrder(found.webhook), sync: inOrder(found.sync) };
  return { exclusions, notes };
}

/**
 * @param namespaces globs that a process leaves out; of a Namespace its name counts, of what lies in none the empty text
 * @returns what is not looked at: `everything`, or a condition; undefined where nothing is left out
 */
export function excludedCondition(namespaces: readonly string[]): ObjectCondition | 'everything' | undefined {
  if (namespaces.length === 0) return undefined;
  const named = namespaces.filter((glob) => glob !== '');
  if (named.some((glob) => globMatches(glob, ''))) return 'everything';
  return {
    // An empty name is that of no namespace: only what lies in none is meant.
    namespaces: named.length > 0 ? { include: named } : { exclude: ['*'] },
    ...(named.length < namespaces.length && { include_cluster_scoped: true }),
  };
}

/** @returns where something is not as it should be, and why */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'it is not readable' : `${issue.path.join('.') || 'the document'}: ${issue.message}`;
}

function inOrder(globs: ReadonlySet<string>): string[] {
  return [...globs].sort();
}
