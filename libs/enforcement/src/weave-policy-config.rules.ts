import { z } from 'zod';
import { canonicalJson, type Json, type JsonObject } from '#kernel';
import type { ObjectCondition } from '#decision';
import { firstIssue } from './gatekeeper-config.rules.js';
import { metadataNameSchema, type SkippedDocument } from './import-conversion.js';
import { oneOfEach } from './object-conditions.rules.js';

/** What a PolicyConfig can target, the weakest first: what a later one sets wins, parameter by parameter. */
const LEVELS = ['workspace', 'namespace', 'app', 'app in a namespace', 'resource', 'resource in a namespace'] as const;
type Level = (typeof LEVELS)[number];

/** The label by which a namespace says whose workspace it is. */
const WORKSPACE = 'toolkit.fluxcd.io/tenant';
/** Groups of Flux that label what they apply with the name and the namespace of the application. */
const APP_GROUPS: ReadonlyMap<string, string> = new Map([
  ['HelmRelease', 'helm.toolkit.fluxcd.io'],
  ['Kustomization', 'kustomize.toolkit.fluxcd.io'],
]);
/** More combinations of configs than this for one policy are not written out. */
const LAYERS_MAX = 100;

const named = z.looseObject({ kind: z.string().min(1), name: z.string().min(1), namespace: z.string().nullish() });
const names = z.array(z.string()).nullish();
const configSchema = z.looseObject({
  metadata: z.looseObject({ name: metadataNameSchema }),
  spec: z.looseObject({
    match: z.looseObject({
      workspaces: names,
      namespaces: names,
      apps: z.array(named).nullish(),
      resources: z.array(named).nullish(),
    }),
    config: z.record(z.string(), z.looseObject({ parameters: z.record(z.string(), z.unknown()).nullish() })),
  }),
});

/** What a PolicyConfig targets at one level. */
interface Reach {
  level: number;
  /** One of these has to hold. */
  conditions: ObjectCondition[];
}

/** A PolicyConfig: parameters of policies for what it targets. */
export interface WeaveConfig {
  name: string;
  reaches: Reach[];
  /** What it targets, as Weave tells targets apart. */
  targets: string[];
  /** By id of the policy. */
  parameters: ReadonlyMap<string, JsonObject>;
}

/** Parameters for some of the objects that a policy means. */
export interface ParameterLayer {
  /** Names of the configs that it is of with what each targets, the weakest first: `gold@workspace+web@resource`. */
  of: string;
  /** One of these has to hold. */
  conditions: ObjectCondition[];
  parameters: JsonObject;
  /** Above 0, and above that of every layer that may hold beside it and is of fewer configs. */
  priority: number;
}

/**
 * @param document of kind PolicyConfig, `pac.weave.works`
 * @returns what it says, or why Weave hears nothing of it
 */
export function readPolicyConfig(document: JsonObject): WeaveConfig | SkippedDocument {
  const parsed = configSchema.safeParse(document);
  if (!parsed.success) return { skipped: `no PolicyConfig as Weave has it: ${firstIssue(parsed.error)}` };
  const { metadata, spec } = parsed.data;
  const asked = (['workspaces', 'namespaces', 'apps', 'resources'] as const).filter((key) => spec.match[key] != null);
  const [kind] = asked;
  if (kind === undefined) return { skipped: 'it targets nothing' };
  if (asked.length > 1) return { skipped: `it targets ${asked.join(' and ')} at once, which Weave refuses` };
  const strange = spec.match.apps?.find((app) => !APP_GROUPS.has(app.kind));
  if (strange !== undefined) return { skipped: `Weave knows no application of kind ${strange.kind}` };
  const { match } = spec;
  const targets =
    kind === 'workspaces' || kind === 'namespaces'
      ? (match[kind] ?? []).map((name) => `${kind}/${name}`)
      : (match[kind] ?? []).map((one) => `${kind}/${one.kind.toLowerCase()}/${one.name}:${one.namespace ?? ''}`);
  return {
    name: metadata.name,
    reaches: [
      ...reachesOfNames(match.workspaces, match.namespaces),
      ...reachesOf(match.apps, 'app', appCondition),
      ...reachesOf(match.resources, 'resource', resourceCondition),
    ],
    targets: [...new Set(targets)],
    parameters: new Map(
      Object.entries(spec.config).map(([id, { parameters }]) => [id, (parameters ?? {}) as JsonObject]),
    ),
  };
}

/**
 * @param config that is looked at
 * @param earlier those that were there before
 * @returns why Weave refuses it beside one of them, undefined where it does not
 */
export function whyRefused(config: WeaveConfig, earlier: readonly WeaveConfig[]): string | undefined {
  for (const other of earlier) {
    const shared = other.targets.find((target) => config.targets.includes(target));
    if (shared !== undefined) return `PolicyConfig ${other.name} targets ${shared} already`;
  }
  return undefined;
}

/**
 * Works out the parameters that a policy has where configs meet, so that among bindings that match an object the one of
 * highest priority has all of its parameters: Weave takes them one by one, from the weakest config to the strongest.
 * @param policyId as configs name it
 * @param declared names of the policy’s parameters: it is given no other
 * @param configs of which no two are refused beside each other
 * @returns one layer for each combination that can hold and says something of its own; or why there are too many
 */
export function parameterLayers(
  policyId: string,
  declared: readonly string[],
  configs: readonly WeaveConfig[],
): ParameterLayer[] | SkippedDocument {
  const entries = configs.flatMap((config) => {
    const given = Object.entries(config.parameters.get(policyId) ?? {}).filter(([name]) => declared.includes(name));
    if (given.length === 0) return [];
    return config.reaches.map((reach) => ({ ...reach, of: `${config.name}@${LEVELS[reach.level]}`, given }));
  });
  let held: { of: string[]; conditions: ObjectCondition[]; given: [string, Json][][]; priority: number }[] = [
    { of: [], conditions: [{}], given: [], priority: 0 },
  ];
  for (const level of LEVELS.keys()) {
    const more = entries
      .filter((entry) => entry.level === level)
      .flatMap((entry) =>
        held.flatMap((below) => {
          const conditions = oneOfEach([below.conditions, entry.conditions]);
          if (conditions.length === 0) return [];
          return {
            of: [...below.of, entry.of],
            conditions,
            given: [...below.given, entry.given],
            priority: below.priority + 2 ** level,
          };
        }),
      );
    held = [...held, ...more];
    if (held.length > LAYERS_MAX)
      return { skipped: `more than ${LAYERS_MAX} combinations of PolicyConfigs set its parameters` };
  }
  return held
    .filter(({ given }) => given.length > 0 && !saysNothingNew(given))
    .map(({ of, conditions, given, priority }) => ({
      of: of.join('+'),
      conditions,
      parameters: Object.fromEntries(given.flat()),
      priority,
    }));
}

/** What the weakest of several sets is set by the others too: without it they say the same. */
function saysNothingNew(given: readonly [string, Json][][]): boolean {
  if (given.length === 1) return false;
  const parameters = (of: readonly [string, Json][][]): string => canonicalJson(Object.fromEntries(of.flat()));
  return parameters(given) === parameters(given.slice(1));
}

function reachesOfNames(workspaces: string[] | null | undefined, namespaces: string[] | null | undefined): Reach[] {
  const reaches: Reach[] = [];
  const spaces = literal(workspaces);
  if (spaces.length > 0) {
    const matchExpressions = [{ key: WORKSPACE, operator: 'In' as const, values: spaces }];
    reaches.push({
      level: levelOf('workspace'),
      conditions: [{ scope: 'Namespaced', namespace_selector: { matchExpressions } }],
    });
  }
  const include = literal(namespaces);
  if (include.length > 0)
    reaches.push({ level: levelOf('namespace'), conditions: [{ scope: 'Namespaced', namespaces: { include } }] });
  return reaches;
}

interface Named {
  kind: string;
  name: string;
  namespace?: string | null | undefined;
}

/** Of those that name the same, Weave hears the first that fits: one in a namespace behind one anywhere is never heard. */
function reachesOf(
  listed: readonly Named[] | null | undefined,
  what: 'app' | 'resource',
  condition: (one: Named) => ObjectCondition,
): Reach[] {
  const anywhere = new Set<string>();
  const reaches = new Map<Level, ObjectCondition[]>();
  for (const one of listed ?? []) {
    const key = `${one.kind}/${one.name}`;
    if (anywhere.has(key) || literal([one.kind, one.name, one.namespace ?? '-']).length < 3) continue;
    const inNamespace = one.namespace != null && one.namespace !== '';
    if (!inNamespace) anywhere.add(key);
    const level: Level = inNamespace ? `${what} in a namespace` : what;
    reaches.set(level, [...(reaches.get(level) ?? []), condition(one)]);
  }
  return [...reaches].map(([level, conditions]) => ({ level: levelOf(level), conditions }));
}

function appCondition({ kind, name, namespace }: Named): ObjectCondition {
  const group = APP_GROUPS.get(kind) ?? '';
  const anywhere = namespace == null || namespace === '';
  return {
    label_selector: {
      matchExpressions: [
        { key: `${group}/name`, operator: 'In', values: [name] },
        anywhere
          ? { key: `${group}/namespace`, operator: 'Exists' }
          : { key: `${group}/namespace`, operator: 'In', values: [namespace] },
      ],
    },
  };
}

function resourceCondition({ kind, name, namespace }: Named): ObjectCondition {
  if (namespace == null || namespace === '') return { kinds: [kind], names: [name] };
  return { scope: 'Namespaced', kinds: [kind], names: [name], namespaces: { include: [namespace] } };
}

/** Weave has no globs: what looks like one is a name that nothing has. */
export function literal(listed: readonly string[] | null | undefined): string[] {
  return [...new Set((listed ?? []).filter((text) => text !== '' && !/[*?/@]/.test(text)))];
}

function levelOf(level: Level): number {
  return LEVELS.indexOf(level);
}
