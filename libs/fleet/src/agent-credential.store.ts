import { AppError } from '#kernel';
import type { Tx } from '#platform';
import { AgentCredential } from './agent-credential.entity.js';

/**
 * @param tx the transaction
 * @param credentialId UUID
 * @returns the credential, while it is good
 * @throws AppError `credential_revoked`
 */
export async function requireCredential(tx: Tx, credentialId: string): Promise<AgentCredential> {
  const found = await tx.repository(AgentCredential).findOneBy({ orgId: tx.scope.orgId, credentialId });
  if (found !== null && found.revokedAt === null) return found;
  throw new AppError(
    'credential_revoked',
    'This agent’s credential has ended: the cluster was removed or another agent enrolled. Enrol again.',
  );
}
