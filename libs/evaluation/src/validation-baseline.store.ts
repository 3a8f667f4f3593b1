import { AppError } from '#kernel';
import type { ValidateEnvelope } from '#contracts';
import { objectId, type ObjectIdentity } from '#kube';
import type { KnownViolation } from '#judging';
import type { Tx } from '#platform';
import { type AnswerBody, unpackAnswer } from './validation-answer.rules.js';

/**
 * @param about what was said of the validation
 * @throws AppError `invalid_body` where the baseline that is asked for needs more than was said
 */
export function requireBaseline({ baseline, cluster, context }: Omit<ValidateEnvelope, 'specs'>): void {
  if (baseline === 'cluster' && cluster === undefined)
    throw lacking('cluster', '/cluster', 'the cluster to compare with');
  if (baseline !== 'previous') return;
  for (const field of ['repository', 'ref'] as const)
    if (context?.[field] === undefined) throw lacking('previous', `/context/${field}`, `the ${field} that it is of`);
}

function lacking(baseline: string, pointer: string, what: string): AppError {
  return new AppError('invalid_body', `The baseline \`${baseline}\` needs ${what}.`, {
    errors: [{ pointer, detail: 'is missing' }],
  });
}

/**
 * What the cluster has already of these objects.
 * @param tx the transaction
 * @param clusterId UUID
 * @param posted objects that are compared
 * @returns fingerprints, in hexadecimal, of violations that are open
 */
export async function openInCluster(
  tx: Tx,
  clusterId: string,
  posted: readonly ObjectIdentity[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ fingerprint: string }>(
    `select encode(fingerprint, 'hex') as fingerprint from app.violation
     where org_id = $1 and object_id = any($2::uuid[]) and resolved_at is null`,
    [tx.scope.orgId, posted.map((identity) => objectId(clusterId, identity))],
  );
  return new Set(rows.map(({ fingerprint }) => fingerprint));
}

/**
 * What the validation before had, of the same repository and ref; that of a push knows of what was pushed alone.
 * @param tx the transaction
 * @param context both of them said
 * @returns its violations; none where there was none before
 */
export async function foundBefore(
  tx: Tx,
  { repository, ref }: NonNullable<ValidateEnvelope['context']>,
): Promise<KnownViolation[]> {
  const [row] = await tx.query<{ answer: Buffer }>(
    `select answer from app.validation where org_id = $1 and repository = $2 and ref = $3 and trigger = 'ci'
     order by at desc, validation_id desc limit 1`,
    [tx.scope.orgId, repository ?? '', ref ?? ''],
  );
  return row === undefined
    ? []
    : (JSON.parse((await unpackAnswer(row.answer)).toString('utf8')) as AnswerBody).violations;
}
