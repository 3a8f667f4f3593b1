import { z } from 'zod';
import type { JsonObject } from '#kernel';
import type { LabelSelector, ObjectCondition, TargetCondition } from '#decision';
import { firstIssue } from './gatekeeper-config.rules.js';
import {
  type ConvertedBinding,
  type ConvertedBindings,
  metadataNameSchema,
  POINT_TRIGGERS,
  type SkippedDocument,
  whyNoTarget,
} from './import-conversion.js';
import { oneOfEach } from './object-conditions.rules.js';
import { literal, parameterLayers, type WeaveConfig } from './weave-policy-config.rules.js';
import { modesOf, type WeaveCatalogued, type WeaveMode, type WeavePolicySet } from './weave-policy-set.rules.js';

const texts = z.array(z.string()).nullish();
const labels = z.array(z.record(z.string(), z.string())).nullish();
const policySchema = z.looseObject({
  metadata: z.looseObject({ name: metadataNameSchema }),
  spec: z.looseObject({
    id: z.string().nullish(),
    name: z.string().nullish(),
    provider: z.string().nullish(),
    enabled: z.boolean().nullish(),
    enforce: z.boolean().nullish(),
    category: z.string().nullish(),
    severity: z.string().nullish(),
    tags: texts,
    standards: z.array(z.looseObject({ id: z.string() })).nullish(),
    parameters: z.array(z.looseObject({ name: z.string() })).nullish(),
    targets: z.looseObject({ kinds: texts, labels, namespaces: texts }).nullish(),
    exclude: z.looseObject({ namespaces: texts, resources: texts, labels }).nullish(),
  }),
});
type WeavePolicy = z.infer<typeof policySchema>;

/** What Weave’s agent lets through whenever it is asked for admission. */
const ALWAYS_ADMITTED: ObjectCondition = { namespaces: { include: ['kube-public', 'kube-system'] } };
const NEVER = 'no object is what it targets';

/**
 * @param document of kind Policy, Weave’s or Magalix’
 * @returns what PolicySets look at; undefined where it is no such policy
 */
export function cataloguedAs(document: JsonObject): WeaveCatalogued | undefined {
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) return undefined;
  const { metadata, spec } = parsed.data;
  return {
    name: metadata.name,
    category: spec.category ?? '',
    severity: spec.severity ?? '',
    standards: (spec.standards ?? []).map(({ id }) => id),
    tags: spec.tags ?? [],
  };
}

/**
 * Says by bindings where and when Weave’s agent judges by a policy, and with which parameters where PolicyConfigs set some.
 * What CI is asked before admission is as admission.
 * @param document of kind Policy, Weave’s or Magalix’
 * @param sets all PolicySets
 * @param configs all PolicyConfigs, of which no two are refused beside each other
 * @returns two bindings, for the audit and for admission, and as many more as PolicyConfigs meet; or why it can’t be said
 */
export function convertWeavePolicy(
  document: JsonObject,
  sets: readonly WeavePolicySet[],
  configs: readonly WeaveConfig[],
): ConvertedBindings | SkippedDocument {
  const parsed = policySchema.safeParse(document);
  const catalogued = cataloguedAs(document);
  if (!parsed.success || catalogued === undefined)
    return { skipped: `no Policy as Weave has it: ${parsed.success ? '' : firstIssue(parsed.error)}` };
  const { metadata, spec } = parsed.data;
  const provider = spec.provider ?? 'kubernetes';
  if (provider !== '' && provider !== 'kubernetes')
    return { skipped: `it judges what is of ${provider}, not Kubernetes objects` };
  const notes: string[] = [];
  const condition = conditionOf(spec, notes);
  if ('skipped' in condition) return condition;
  const declared = (spec.parameters ?? []).map(({ name }) => name);
  const layers = parameterLayers(spec.id ?? metadata.name, declared, configs);
  if ('skipped' in layers) return layers;
  const modes = spec.enabled === false ? [] : modesOf(catalogued, sets);
  if (spec.enabled === false) notes.push('it is not enabled: it is bound to nothing');
  else if (modes.length === 0) notes.push('no PolicySet has it: it is bound to nothing');
  const enforcement = spec.enforce === false ? 'audit' : 'deny';
  const bindings = modes.flatMap((mode): ConvertedBinding[] => {
    const there = conditionIn(mode, condition);
    const base = { instance: '', enforcement, triggers: triggersOf(mode) } as const;
    const whole: ConvertedBinding = { ...base, part: mode, parameters: {}, condition: there, priority: 0 };
    const partial = layers.flatMap(({ of, conditions, parameters, priority }): ConvertedBinding[] => {
      const anyOf = oneOfEach([there.any_of ?? [{}], conditions]).filter(({ kinds }) => meets(there.kinds, kinds));
      if (anyOf.length === 0) return [];
      const narrowed = { ...there, any_of: anyOf };
      return [{ ...base, part: `${mode}/${of}`, parameters, condition: narrowed, priority }];
    });
    return [whole, ...partial];
  });
  const reason = bindings.map((one) => whyNoTarget(one.condition)).find((why) => why !== undefined);
  if (reason !== undefined) return { skipped: reason };
  const key = `weave/Policy/${metadata.name}`;
  return { key, name: metadata.name, policy: key, bindings, notes };
}

function triggersOf(mode: WeaveMode): ConvertedBinding['triggers'] {
  return mode === 'audit' ? [...POINT_TRIGGERS.audit] : [...POINT_TRIGGERS.admission, ...POINT_TRIGGERS.ci];
}

function conditionIn(mode: WeaveMode, condition: TargetCondition): TargetCondition {
  if (mode === 'audit') return condition;
  return { ...condition, none_of: [...(condition.none_of ?? []), ALWAYS_ADMITTED] };
}

function meets(kinds: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return kinds === undefined || others === undefined || others.some((kind) => kinds.includes(kind));
}

/** Kinds by kind alone, namespaces by their names, and what lies in none not at all; of labels any pair will do. */
function conditionOf({ targets, exclude }: WeavePolicy['spec'], notes: string[]): TargetCondition | SkippedDocument {
  const kinds = heard(targets?.kinds, 'kind', notes);
  const namespaces = heard(targets?.namespaces, 'namespace', notes);
  const pairs = pairsOf(targets?.labels);
  if ([kinds, namespaces, pairs].some((list) => list?.length === 0)) return { skipped: NEVER };
  const noneOf = exclusionsOf(exclude, notes);
  return {
    ...(kinds && { kinds }),
    ...(namespaces && { scope: 'Namespaced', namespaces: { include: namespaces } }),
    ...(pairs && { any_of: pairs }),
    ...(noneOf.length > 0 && { none_of: noneOf }),
  };
}

function exclusionsOf(exclude: WeavePolicy['spec']['exclude'], notes: string[]): ObjectCondition[] {
  const namespaces = heard(exclude?.namespaces, 'namespace', notes) ?? [];
  const resources = (exclude?.resources ?? []).flatMap((text): ObjectCondition[] => {
    const [namespace = '', name = '', ...more] = text.split('/');
    const lies = namespace === '' ? [] : literal([namespace]);
    if (more.length > 0 || literal([name]).length === 0 || (namespace !== '' && lies.length === 0)) {
      notes.push(`the excluded resource ${text} is not heard: it is none of the form namespace/name`);
      return [];
    }
    if (namespace === '') return [{ scope: 'Cluster', names: [name] }];
    return [{ scope: 'Namespaced', namespaces: { include: lies }, names: [name] }];
  });
  return [
    ...(namespaces.length > 0 ? [{ scope: 'Namespaced' as const, namespaces: { include: namespaces } }] : []),
    ...resources,
    ...(pairsOf(exclude?.labels) ?? []),
  ];
}

/** @returns undefined where nothing is asked, an empty list where nothing can be meant */
function heard(listed: readonly string[] | null | undefined, what: string, notes: string[]): string[] | undefined {
  if (listed == null || listed.length === 0) return undefined;
  const names = literal(listed);
  for (const text of listed)
    if (!names.includes(text)) notes.push(`the ${what} ${text} is not heard: none is called so`);
  return names;
}

/** `*` stands for any value. */
function pairsOf(listed: readonly Record<string, string>[] | null | undefined): ObjectCondition[] | undefined {
  if (listed == null || listed.length === 0) return undefined;
  const selectors = listed.flatMap((pairs) =>
    Object.entries(pairs).map(([key, value]): LabelSelector => {
      if (value === '*') return { matchExpressions: [{ key, operator: 'Exists' }] };
      return { matchExpressions: [{ key, operator: 'In', values: [value] }] };
    }),
  );
  return selectors.map((selector) => ({ label_selector: selector }));
}
