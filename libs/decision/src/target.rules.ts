import { globMatches, kindMatches, type GroupVersionKind } from '#kube';

/** A label selector as Kubernetes has it. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}

/** What an object itself has to be; what is unset matches. */
export interface ObjectCondition {
  namespaces?: { include?: string[]; exclude?: string[] };
  namespace_selector?: LabelSelector;
  scope?: 'Namespaced' | 'Cluster';
  kinds?: string[];
  label_selector?: LabelSelector;
  names?: string[];
  include_cluster_scoped?: boolean;
}

/** Where a binding applies (F2); what is unset matches. */
export interface TargetCondition extends ObjectCondition {
  clusters?: { ids?: string[]; labels?: Record<string, string>; environments?: string[] };
  /** Who asks; met at admission only. */
  subjects?: { kind: 'User' | 'Group' | 'ServiceAccount'; name: string; namespace?: string }[];
  repositories?: string[];
  paths?: string[];
  /** One of these at least has to hold. */
  any_of?: ObjectCondition[];
  /** None of these may hold. */
  none_of?: ObjectCondition[];
}

/** What is known of the cluster; all of it unset in a validation that names none. */
export interface ClusterFacts {
  /** As people see it: `cls_…`. */
  id?: string;
  labels?: Record<string, string>;
  environment?: string;
}

/** What is known of where objects come from, the same for all of them. */
export interface OriginFacts {
  cluster: ClusterFacts;
  /** Of a validation that says so; an inventory has none. */
  repository?: string;
}

/** One object, as far as targets look at it. */
export interface TargetSubject {
  gvk: GroupVersionKind;
  /** Empty for a cluster-scoped object. */
  namespace: string;
  name: string;
  /** The prefix that the name was made of, or is to be: a name that ends in `*` is asked of it too. */
  generateName?: string;
  labels: Record<string, string>;
  /** Unset where the namespace is not known. */
  namespaceLabels?: Record<string, string>;
  /** The file it was written in, where it was posted as one. */
  path?: string;
}

/** A fact that a condition asks for and nobody gave (F4). */
export type MissingFact = 'cluster' | 'repository' | 'subject';

/** `unknown`: the condition asks for a fact of the cluster that was not given (F4). */
export type TargetMatch = 'yes' | 'no' | 'unknown';

/**
 * @param condition of a target
 * @param cluster what is known of it
 * @returns whether the cluster is meant
 */
export function clusterMatches(condition: TargetCondition, cluster: ClusterFacts): TargetMatch {
  const { ids, labels, environments } = condition.clusters ?? {};
  const answers: TargetMatch[] = [];
  if (ids !== undefined) answers.push(cluster.id === undefined ? 'unknown' : yesNo(ids.includes(cluster.id)));
  if (labels !== undefined) {
    const given = cluster.labels;
    answers.push(
      given === undefined ? 'unknown' : yesNo(Object.entries(labels).every(([key, value]) => given[key] === value)),
    );
  }
  if (environments !== undefined) {
    answers.push(cluster.environment === undefined ? 'unknown' : yesNo(environments.includes(cluster.environment)));
  }
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

/**
 * @param condition of a target
 * @param facts where the objects come from
 * @returns whether objects from there may be meant; otherwise the facts that are missing to tell, none where they are not
 */
export function originMatches(
  condition: TargetCondition,
  facts: OriginFacts,
): { matches: true } | { matches: false; missing: MissingFact[] } {
  const cluster = clusterMatches(condition, facts.cluster);
  const { repository } = facts;
  const excluded =
    cluster === 'no' ||
    (repository !== undefined && condition.repositories?.some((glob) => globMatches(glob, repository)) === false);
  if (excluded) return { matches: false, missing: [] };
  const missing: MissingFact[] = [];
  if (cluster === 'unknown') missing.push('cluster');
  if (condition.repositories !== undefined && repository === undefined) missing.push('repository');
  if (condition.subjects !== undefined) missing.push('subject');
  return missing.length === 0 ? { matches: true } : { matches: false, missing };
}

/**
 * @param condition of a target, its cluster condition aside
 * @param subject the object; a Namespace is matched by its own name and labels (F3)
 */
export function objectMatches(condition: TargetCondition, subject: TargetSubject): boolean {
  const { path } = subject;
  if (condition.paths !== undefined && (path === undefined || !condition.paths.some((glob) => globMatches(glob, path))))
    return false;
  return (
    holds(condition, subject) &&
    condition.any_of?.some((one) => holds(one, subject)) !== false &&
    condition.none_of?.some((one) => holds(one, subject)) !== true
  );
}

function holds(condition: ObjectCondition, subject: TargetSubject): boolean {
  const isNamespace = subject.gvk.group === '' && subject.gvk.kind === 'Namespace';
  const clusterScoped = subject.namespace === '';
  if (condition.scope !== undefined && (condition.scope === 'Cluster') !== clusterScoped) return false;
  if (condition.kinds !== undefined && !condition.kinds.some((kind) => kindMatches(kind, subject.gvk))) return false;
  if (condition.names !== undefined && !condition.names.some((glob) => nameMatches(glob, subject))) return false;
  if (condition.label_selector !== undefined && !selectorMatches(condition.label_selector, subject.labels))
    return false;
  if (condition.namespaces === undefined && condition.namespace_selector === undefined) return true;
  if (clusterScoped && !isNamespace) return condition.include_cluster_scoped === true;
  return namespaceMatches(
    condition,
    isNamespace ? subject.name : subject.namespace,
    isNamespace ? subject.labels : subject.namespaceLabels,
  );
}

function nameMatches(glob: string, { name, generateName }: TargetSubject): boolean {
  return (
    globMatches(glob, name) || (generateName !== undefined && glob.endsWith('*') && globMatches(glob, generateName))
  );
}

/** @returns whether a condition, or one within it, passes a test */
function someCondition(condition: TargetCondition, test: (one: ObjectCondition) => boolean): boolean {
  return [condition, ...(condition.any_of ?? []), ...(condition.none_of ?? [])].some(test);
}

/** @returns whether an object's content has to be read to tell: its labels, or what its name was made of */
export function asksForContent(condition: TargetCondition): boolean {
  return someCondition(
    condition,
    ({ label_selector: labels, namespace_selector: ofNamespace, names }) =>
      labels !== undefined || ofNamespace !== undefined || names?.some((name) => name.endsWith('*')) === true,
  );
}

/** @returns whether the labels of an object's namespace have to be known to tell */
export function asksForNamespaceLabels(condition: TargetCondition): boolean {
  return someCondition(condition, ({ namespace_selector: selector }) => selector !== undefined);
}

/**
 * @param condition of a target, whole
 * @param facts where the object comes from
 * @param subject the object
 */
export function targetMatches(condition: TargetCondition, facts: OriginFacts, subject: TargetSubject): boolean {
  return originMatches(condition, facts).matches && objectMatches(condition, subject);
}

/**
 * @param selector as Kubernetes has it; an empty one selects everything
 * @param labels of the object
 */
export function selectorMatches(selector: LabelSelector, labels: Record<string, string>): boolean {
  // A label may be called as something that every object of JavaScript has.
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => valueOf(key) === value) &&
    (selector.matchExpressions ?? []).every((expression) => expressionMatches(expression, valueOf(expression.key)))
  );
}

function expressionMatches(
  expression: NonNullable<LabelSelector['matchExpressions']>[number],
  value: string | undefined,
): boolean {
  const listed = value !== undefined && (expression.values ?? []).includes(value);
  switch (expression.operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function namespaceMatches(
  condition: ObjectCondition,
  name: string,
  labels: Record<string, string> | undefined,
): boolean {
  const { include, exclude } = condition.namespaces ?? {};
  if (include !== undefined && !include.some((glob) => globMatches(glob, name))) return false;
  if (exclude?.some((glob) => globMatches(glob, name)) === true) return false;
  return condition.namespace_selector === undefined || selectorMatches(condition.namespace_selector, labels ?? {});
}

function yesNo(answer: boolean): TargetMatch {
  return answer ? 'yes' : 'no';
}
