import { z } from 'zod';
import type { LabelSelector, TargetCondition } from '#decision';
import { firstIssue, wildcardSchema } from './gatekeeper-config.rules.js';
import type { SkippedDocument } from './import-conversion.js';

const texts = z.array(z.string()).nullish();
const LABEL_NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const LABEL_PREFIX = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*';
const labelKey = z
  .string()
  .max(317)
  .regex(new RegExp(`^(?:(?=[^/]{1,253}/)${LABEL_PREFIX}/)?${LABEL_NAME}$`), 'a label’s key');
const labelValue = z.string().regex(new RegExp(`^(?:${LABEL_NAME})?$`), 'a label’s value');
const selectorSchema = z
  .object({
    matchLabels: z.record(labelKey, labelValue).nullish(),
    matchExpressions: z
      .array(
        z.discriminatedUnion('operator', [
          z.object({ key: labelKey, operator: z.enum(['In', 'NotIn']), values: z.array(labelValue).min(1) }),
          z.object({
            key: labelKey,
            operator: z.enum(['Exists', 'DoesNotExist']),
            values: z.array(labelValue).max(0).nullish(),
          }),
        ]),
      )
      .nullish(),
  })
  .nullish();

const fields = {
  source: z.enum(['', 'All', 'Original', 'Generated']).nullish(),
  kinds: z.array(z.looseObject({ apiGroups: texts, kinds: texts })).nullish(),
  scope: z.string().nullish(),
  namespaces: z.array(wildcardSchema).nullish(),
  excludedNamespaces: z.array(wildcardSchema).nullish(),
  labelSelector: selectorSchema,
  namespaceSelector: selectorSchema,
  name: wildcardSchema.nullish(),
};
const matchSchema = z.looseObject(fields).nullish();
type Match = NonNullable<z.infer<typeof matchSchema>>;

/** Everything that can be written by itself in Gatekeeper’s lists; what it holds else matches no kind that there is. */
const LITERAL = /^[^*?/@\s]+$/;

/**
 * Says by a target’s condition what a constraint’s `spec.match` says, object by object the same.
 * @param given `spec.match`; absent: everything is meant
 * @returns the condition with what is not heard, or why it can’t be said
 */
export function conditionOfMatch(given: unknown): { condition: TargetCondition; notes: string[] } | SkippedDocument {
  const parsed = matchSchema.safeParse(given);
  if (!parsed.success) return { skipped: `spec.match is not as Gatekeeper takes it: ${firstIssue(parsed.error)}` };
  const match = parsed.data ?? {};
  if (match.source === 'Generated')
    return { skipped: 'it is meant for what an ExpansionTemplate generates, which there is none of here' };
  const notes = notesOf(match);
  const kinds = kindsOf(match, notes);
  if (kinds === 'nothing') return { skipped: 'no object is of a kind that it names' };
  const namespaces = namespacesOf(match);
  const { labelSelector, namespaceSelector, scope, name } = match;
  const condition: TargetCondition = {
    ...kinds,
    ...namespaces,
    ...((scope === 'Cluster' || scope === 'Namespaced') && { scope }),
    ...(labelSelector != null && { label_selector: selectorOf(labelSelector) }),
    ...(namespaceSelector != null && { namespace_selector: selectorOf(namespaceSelector) }),
    ...(name != null && name !== '' && { names: [name] }),
  };
  // To Gatekeeper a namespace’s name or labels say nothing of what lies in none.
  if (namespaces.namespaces !== undefined || namespaceSelector != null) condition.include_cluster_scoped = true;
  return { condition, notes };
}

function notesOf(match: Match): string[] {
  const notes = Object.keys(match)
    .filter((key) => !Object.hasOwn(fields, key))
    .map((key) => `spec.match.${key} is not heard: Gatekeeper knows nothing of it`);
  const { scope } = match;
  if (scope != null && !['', '*', 'Cluster', 'Namespaced'].includes(scope))
    notes.push(`spec.match.scope ${scope} is not heard: to Gatekeeper it is none`);
  return notes;
}

function kindsOf({ kinds }: Match, notes: string[]): { kinds?: string[] } | 'nothing' {
  if (kinds == null || kinds.length === 0) return {};
  const patterns = new Set<string>();
  for (const one of kinds) {
    const groups = literals(one.apiGroups ?? [], notes);
    const names = literals(one.kinds ?? [], notes);
    if (groups === '*' && names === '*') return {};
    for (const group of groups === '*' ? [groups] : groups) {
      // The core group has no name; one that is called so does not exist.
      if (group === 'core') notes.push('the API group core is not heard: Gatekeeper calls it ""');
      else for (const kind of names) patterns.add(group === '*' ? kind : `${group}/${kind}`);
    }
  }
  return patterns.size === 0 ? 'nothing' : { kinds: [...patterns] };
}

/** @returns `*` for all, else what is named; a wildcard stands by itself, and what has one within is called so */
function literals(listed: readonly string[], notes: string[]): string[] | '*' {
  if (listed.length === 0 || listed.includes('*')) return '*';
  return listed.filter((text) => {
    const heard = text === '' || LITERAL.test(text);
    if (!heard) notes.push(`${text} is not heard: no group or kind is called so, and * stands for all by itself`);
    return heard;
  });
}

function namespacesOf({ namespaces, excludedNamespaces }: Match): Pick<TargetCondition, 'namespaces' | 'none_of'> {
  const include = named(namespaces);
  const exclude = named(excludedNamespaces);
  // Only an empty name is asked for: what lies in a namespace, and each Namespace, is not meant; the rest is.
  if (include !== undefined && include.length === 0) return { none_of: [{ namespaces: { include: ['*'] } }] };
  const asked = {
    ...(include && { include }),
    ...(exclude !== undefined && exclude.length > 0 && { exclude }),
  };
  return Object.keys(asked).length === 0 ? {} : { namespaces: asked };
}

/** No namespace has an empty name. */
function named(globs: readonly string[] | null | undefined): string[] | undefined {
  if (globs == null || globs.length === 0) return undefined;
  return [...new Set(globs.filter((glob) => glob !== ''))];
}

function selectorOf({ matchLabels, matchExpressions }: NonNullable<z.infer<typeof selectorSchema>>): LabelSelector {
  return {
    ...(matchLabels && { matchLabels }),
    ...(matchExpressions && {
      matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
        key,
        operator,
        ...(values != null && values.length > 0 && { values }),
      })),
    }),
  };
}
