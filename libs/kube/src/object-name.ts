import { describeValue } from './describe-value.js';
import type { GroupVersionKind } from './gvk.js';

const MAX_SUBDOMAIN = 253;
const MAX_LABEL = 63;
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const SERVICE = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const PATH_SEGMENT = /^(?!\.{1,2}$)[^/%]+$/;

interface NameRule {
  pattern: RegExp;
  length: number;
  expected: string;
}

const LABEL_RULE: NameRule = {
  pattern: LABEL,
  length: MAX_LABEL,
  expected: `a DNS label (lower-case letters, digits and "-", at most ${MAX_LABEL} characters)`,
};
const SUBDOMAIN_RULE: NameRule = {
  pattern: SUBDOMAIN,
  length: MAX_SUBDOMAIN,
  expected: `a DNS subdomain (lower-case letters, digits, "-" and ".", at most ${MAX_SUBDOMAIN} characters)`,
};
const SERVICE_RULE: NameRule = {
  pattern: SERVICE,
  length: MAX_LABEL,
  expected: `a DNS label that begins with a letter (lower-case letters, digits and "-", at most ${MAX_LABEL} characters)`,
};
const PATH_RULE: NameRule = {
  pattern: PATH_SEGMENT,
  length: MAX_SUBDOMAIN,
  expected: `a name without "/" and "%", at most ${MAX_SUBDOMAIN} characters`,
};

/** Kinds whose names are stricter than a path segment. Source: the validation packages of kubernetes/kubernetes. */
const RULES: ReadonlyMap<string, NameRule> = new Map([
  ['/Service', SERVICE_RULE],
  ['/Namespace', LABEL_RULE],
  ...'/Pod /ReplicationController /ConfigMap /Secret /ServiceAccount /PersistentVolume /PersistentVolumeClaim /PodTemplate /ResourceQuota /LimitRange /Node apps/Deployment apps/ReplicaSet apps/StatefulSet apps/DaemonSet batch/Job batch/CronJob networking.k8s.io/Ingress networking.k8s.io/NetworkPolicy networking.k8s.io/IngressClass policy/PodDisruptionBudget storage.k8s.io/StorageClass scheduling.k8s.io/PriorityClass'
    .split(' ')
    .map((kind): [string, NameRule] => [kind, SUBDOMAIN_RULE]),
]);

const TEMPLATE_HINT = '; a template must be rendered first';

function refusal(rule: NameRule, tested: string, written: string): string | undefined {
  if (tested.length <= rule.length && rule.pattern.test(tested)) return undefined;
  return `must be ${rule.expected}, got ${describeValue(written)}${written.includes('{{') ? TEMPLATE_HINT : ''}`;
}

/**
 * @param gvk the object's kind: some take any path segment, others a DNS name
 * @param name `metadata.name`
 * @returns what is wrong with it and what would be right; undefined where nothing is
 */
export function nameProblem(gvk: Pick<GroupVersionKind, 'group' | 'kind'>, name: string): string | undefined {
  return refusal(RULES.get(`${gvk.group}/${gvk.kind}`) ?? PATH_RULE, name, name);
}

/**
 * @param gvk the object's kind
 * @param prefix `metadata.generateName`; it may end in a dash, since characters follow it
 */
export function generateNameProblem(gvk: Pick<GroupVersionKind, 'group' | 'kind'>, prefix: string): string | undefined {
  return refusal(RULES.get(`${gvk.group}/${gvk.kind}`) ?? PATH_RULE, `${prefix}x`, prefix);
}

/** @param namespace `metadata.namespace` */
export function namespaceProblem(namespace: string): string | undefined {
  return refusal(LABEL_RULE, namespace, namespace);
}
