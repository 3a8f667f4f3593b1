import type {
  FindingShape,
  ViolationColumns,
  ViolationIntervalColumns,
  ViolationIntervalShape,
  ViolationShape,
} from '#contracts';

/** Between several values in one cell. */
const BETWEEN = '; ';

/** @returns a violation as a row of a table */
export function violationRow(violation: ViolationShape): ViolationColumns {
  const { id, state, severity, category, disposition, resolution, bindings, fingerprint } = violation;
  return {
    id,
    state,
    severity,
    category,
    disposition,
    ...aboutColumns(violation),
    opened_at: violation.opened_at,
    resolved_at: violation.resolved_at,
    resolution,
    unknown_since: violation.unknown_since,
    ...findingsColumns(violation.findings),
    bindings: bindings.join(BETWEEN),
    waiver_id: violation.waiver_id,
    assignee: violation.assignee,
    fingerprint,
  };
}

/** @returns an interval of a violation as a row of a table */
export function violationIntervalRow(interval: ViolationIntervalShape): ViolationIntervalColumns {
  const { violation_id, valid_from, valid_to, disposition, resolution, severity, category } = interval;
  return {
    violation_id,
    valid_from,
    valid_to,
    disposition,
    resolution,
    severity,
    category,
    ...aboutColumns(interval),
    ...findingsColumns(interval.findings),
    waiver_id: interval.waiver_id,
    fingerprint: interval.fingerprint,
  };
}

type About = Pick<ViolationShape, 'policy' | 'instance' | 'cluster' | 'object'>;

function aboutColumns({ policy, instance, cluster, object }: About) {
  return {
    policy: policy.slug,
    policy_id: policy.id,
    policy_title: policy.title,
    policy_version: policy.version,
    instance,
    cluster_id: cluster.id,
    cluster: cluster.name,
    object_id: object.id,
    api_version: object.api_version,
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
  };
}

function findingsColumns(findings: readonly FindingShape[]) {
  return {
    findings: findings.length,
    paths: findings.map(({ path }) => path).join(BETWEEN),
    messages: findings.map(({ message }) => message).join(BETWEEN),
  };
}
