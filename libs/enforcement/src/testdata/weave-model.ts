import type { JsonObject } from '#kernel';

/** Id of the policy that configs set parameters of. */
export const MODEL_POLICY = 'weave.policies.replicas';

/** An object, as far as Weave looks at it. */
export interface Thing {
  kind: string;
  namespace: string;
  name: string;
  labels: Record<string, string>;
  workspace?: string;
}

interface SpecLists {
  targets: { kinds: string[]; namespaces: string[]; labels: Record<string, string>[] };
  exclude: { namespaces: string[]; resources: string[]; labels: Record<string, string>[] };
}
interface ConfigDocument {
  spec: {
    match: {
      workspaces?: string[];
      namespaces?: string[];
      apps?: { kind: string; name: string; namespace?: string }[];
      resources?: { kind: string; name: string; namespace?: string }[];
    };
    config: Record<string, { parameters: JsonObject }>;
  };
}

/**
 * The rules of Weave’s documentation, as plainly as they can be written.
 * @param spec of the policy, each list there
 * @param documents PolicyConfigs
 * @param thing the object
 * @returns the parameters that configs set for it; undefined where the policy does not judge it
 */
export function weaveSays(spec: JsonObject, documents: readonly JsonObject[], thing: Thing): JsonObject | undefined {
  const { targets, exclude } = spec as unknown as SpecLists;
  const anyPair = (listed: Record<string, string>[]): boolean =>
    listed.some((pairs) =>
      Object.entries(pairs).some(
        ([key, value]) => key in thing.labels && (value === '*' || thing.labels[key] === value),
      ),
    );
  const meant =
    (targets.kinds.length === 0 || targets.kinds.includes(thing.kind)) &&
    (targets.namespaces.length === 0 || targets.namespaces.includes(thing.namespace)) &&
    (targets.labels.length === 0 || anyPair(targets.labels));
  const out =
    exclude.namespaces.includes(thing.namespace) ||
    exclude.resources.includes(`${thing.namespace}/${thing.name}`) ||
    anyPair(exclude.labels);
  if (!meant || out) return undefined;
  const levels: JsonObject[][] = [[], [], [], [], [], []];
  for (const document of documents) {
    const { match, config } = (document as unknown as ConfigDocument).spec;
    const parameters = config[MODEL_POLICY]?.parameters ?? {};
    if (thing.workspace !== undefined && match.workspaces?.includes(thing.workspace)) levels[0]?.push(parameters);
    if (match.namespaces?.includes(thing.namespace)) levels[1]?.push(parameters);
    for (const { kind, name, namespace } of match.apps ?? []) {
      const group = `${kind === 'HelmRelease' ? 'helm' : 'kustomize'}.toolkit.fluxcd.io`;
      const lies = thing.labels[`${group}/namespace`];
      if (thing.labels[`${group}/name`] !== name || lies === undefined) continue;
      if (namespace === undefined) levels[2]?.push(parameters);
      else if (namespace === lies) levels[3]?.push(parameters);
    }
    for (const { kind, name, namespace } of match.resources ?? []) {
      if (thing.kind !== kind || thing.name !== name) continue;
      if (namespace === undefined) levels[4]?.push(parameters);
      else if (namespace === thing.namespace) levels[5]?.push(parameters);
    }
  }
  return Object.assign({}, ...levels.flat()) as JsonObject;
}

