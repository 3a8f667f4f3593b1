import { Injectable } from '@nestjs/common';
import { type Actor, AppError, generateCredential, publicId, type Scope, uuidV7 } from '#kernel';
import type { EnrollRequest } from '#contracts';
import { Database, type Tx } from '#platform';
import { CredentialDirectory } from '#tenancy';
import { IsNull, Not } from 'typeorm';
import { AgentCredential } from './agent-credential.entity.js';
import { requireCredential } from './agent-credential.store.js';
import { Cluster } from './cluster.entity.js';
import { lockCluster } from './cluster.store.js';
import { recordConnection } from './connection.store.js';
import { Enrollment } from './enrollment.entity.js';

/** The agent of one cluster, once its credential is known to be good. */
export interface AgentPrincipal {
  scope: Scope;
  clusterId: string;
  credentialId: string;
}

/** Agents: a token, used once and soon, becomes the credential of one cluster. */
@Injectable()
export class EnrollmentService {
  constructor(
    private readonly database: Database,
    private readonly directory: CredentialDirectory,
  ) {}

  /**
   * Turns a token into a credential; the credentials that the cluster's agents had before end. A cluster that is
   * known by its UID gets its history back, and the entry made for it a moment ago goes (F7).
   * @throws AppError `unauthenticated`, `token_used`, `token_expired`, `cluster_removed`
   */
  async enroll(request: EnrollRequest): Promise<{ clusterId: string; clusterName: string; credential: string }> {
    const { orgId, credentialId } = await this.directory.find('enrollment', request.token);
    const scope: Scope = { orgId, actor: { type: 'agent', id: 'enrolling' }, reason: 'enroll' };
    return this.database.run(scope, async (tx) => {
      const registered = await redeem(tx, credentialId);
      const { cluster, tick } = await reattach(tx, registered, request.cluster_uid);
      const id = uuidV7(tx.now.getTime());
      const credential = generateCredential('agent', id);
      const hmac = this.directory.hmacOf(credential);
      const { clusterId } = cluster;
      await tx.repository(AgentCredential).update({ orgId, clusterId, revokedAt: IsNull() }, { revokedAt: tx.now });
      await tx
        .repository(AgentCredential)
        .insert({ orgId, credentialId: id, clusterId, hmac, createdAt: tx.now, revokedAt: null });
      await this.directory.add(tx, 'agent', id, hmac);
      await tx.repository(Cluster).update(
        { orgId, clusterId },
        {
          agentVersion: request.agent_version,
          clusterUid: request.cluster_uid ?? cluster.clusterUid,
          kubernetesVersion: request.kubernetes_version ?? cluster.kubernetesVersion,
        },
      );
      await recordConnection(tx, cluster, tick);
      tx.audit({
        action: 'agent.enroll',
        subject: publicId('cluster', clusterId),
        after: { agent: publicId('agent', id) },
      });
      return { clusterId, clusterName: cluster.name, credential };
    });
  }

  /**
   * Checks the credential that an agent sent.
   * @throws AppError `unauthenticated`, `credential_revoked`
   */
  async authenticate(credential: string): Promise<AgentPrincipal> {
    const { orgId, credentialId } = await this.directory.find('agent', credential);
    const actor: Actor = { type: 'agent', id: publicId('agent', credentialId) };
    const scope: Scope = { orgId, actor, reason: 'agent' };
    const { clusterId } = await this.database.run(scope, (tx) => requireCredential(tx, credentialId));
    return { scope, clusterId, credentialId };
  }
}

/** A cluster that this transaction writes about, and the time under which it does. */
type LockedCluster = Awaited<ReturnType<typeof lockCluster>>;

/** Uses a token up; of two that bring it at once, the second is told so. */
async function redeem(tx: Tx, enrollmentId: string): Promise<LockedCluster> {
  const orgId = tx.scope.orgId;
  const token = await tx.repository(Enrollment).findOneBy({ orgId, enrollmentId });
  if (token === null) throw new AppError('unauthenticated', 'The enrolment token is not known.');
  const locked = await lockCluster(tx, token.clusterId).catch(refusingRemoved);
  const again = `get a new one from POST /api/v1/clusters/${publicId('cluster', token.clusterId)}/enrollment.`;
  const taken = await tx.repository(Enrollment).update({ orgId, enrollmentId, usedAt: IsNull() }, { usedAt: tx.now });
  if (taken.affected !== 1) throw new AppError('token_used', `The enrolment token was used or replaced: ${again}`);
  if (token.expiresAt <= tx.now)
    throw new AppError('token_expired', `The enrolment token ended at ${token.expiresAt.toISOString()}: ${again}`);
  return locked;
}

function refusingRemoved(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
  throw new AppError('cluster_removed', 'The cluster of this token was removed: register it again.', { cause: error });
}

async function reattach(tx: Tx, registered: LockedCluster, clusterUid: string | undefined): Promise<LockedCluster> {
  if (clusterUid === undefined) return registered;
  const orgId = tx.scope.orgId;
  const { clusterId, name, lastSeenAt } = registered.cluster;
  const found = await tx
    .repository(Cluster)
    .findOneBy({ orgId, clusterUid, removedAt: IsNull(), clusterId: Not(clusterId) });
  if (found === null) return registered;
  if (lastSeenAt !== null) {
    throw new AppError(
      'conflict',
      `The cluster with this UID is registered as "${found.name}": enrol with a token of that one.`,
    );
  }
  await tx.repository(Cluster).update({ orgId, clusterId }, { removedAt: tx.now });
  tx.audit({
    action: 'cluster.reattach',
    subject: publicId('cluster', found.clusterId),
    before: { registered_as: name },
    after: { name: found.name },
  });
  return lockCluster(tx, found.clusterId);
}
