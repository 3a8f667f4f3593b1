import { Injectable } from '@nestjs/common';
import { AppError, generateCredential, publicId, type Scope, uuidV7 } from '#kernel';
import type { CreateCluster, PatchCluster } from '#contracts';
import { Database, isUniqueViolation, requireRevision, type Tx } from '#platform';
import { CredentialDirectory, requireRoom } from '#tenancy';
import { IsNull } from 'typeorm';
import { AgentCredential } from './agent-credential.entity.js';
import { takeTick } from './cluster-clock.store.js';
import { Cluster } from './cluster.entity.js';
import { countClusters, lockCluster, requireCluster } from './cluster.store.js';
import { listSilent, recordConnection } from './connection.store.js';
import { Enrollment } from './enrollment.entity.js';
import { CLUSTER_REMOVED, emitClusterChanged } from './fleet.events.js';
import { countOf, moveObjectUsage } from './object-quota.store.js';

export const ENROLLMENT_MINUTES = 15;

/** A token for one agent; its text is in this answer and nowhere else. */
export interface NewEnrollment {
  token: string;
  expiresAt: Date;
}

/** Clusters: registered, renamed, taken out of the fleet. */
@Injectable()
export class ClustersService {
  constructor(
    private readonly database: Database,
    private readonly directory: CredentialDirectory,
  ) {}

  /**
   * Registers a cluster, with the token that lets its agent enrol.
   * @throws AppError `cluster_name_taken`, `quota_exceeded`
   */
  async register(scope: Scope, request: CreateCluster): Promise<{ clusterId: string; enrollment: NewEnrollment }> {
    return refusingTakenNames(request.name, () =>
      this.database.run(scope, async (tx) => {
        await requireRoom(tx, 'clusters', countClusters);
        const clusterId = uuidV7(tx.now.getTime());
        await tx.repository(Cluster).insert({
          orgId: scope.orgId,
          clusterId,
          name: request.name,
          environment: request.environment ?? null,
          labels: request.labels ?? {},
          clusterUid: null,
          kubernetesVersion: null,
          agentVersion: null,
          connection: 'pending',
          connectionSince: tx.now,
          lastSeenAt: null,
          createdAt: tx.now,
          removedAt: null,
          revision: 1,
        });
        tx.audit({ action: 'cluster.register', subject: publicId('cluster', clusterId), after: request });
        return { clusterId, enrollment: await this.issueToken(tx, clusterId) };
      }),
    );
  }

  /**
   * Issues a further token; the ones before it end.
   * @throws AppError `not_found`
   */
  async renewEnrollment(scope: Scope, clusterId: string): Promise<NewEnrollment> {
    return this.database.run(scope, async (tx) => {
      await requireCluster(tx, clusterId);
      await tx.repository(Enrollment).update({ orgId: scope.orgId, clusterId, usedAt: IsNull() }, { usedAt: tx.now });
      tx.audit({ action: 'cluster.enrollment', subject: publicId('cluster', clusterId) });
      return this.issueToken(tx, clusterId);
    });
  }

  /**
   * Changes name, environment or labels.
   * @param revision that the change was made to
   * @throws AppError `not_found`, `stale_revision`, `cluster_name_taken`
   */
  async patch(scope: Scope, clusterId: string, revision: number | undefined, change: PatchCluster): Promise<void> {
    await refusingTakenNames(change.name ?? '', () =>
      this.database.run(scope, async (tx) => {
        const { cluster: before } = await lockCluster(tx, clusterId);
        requireRevision(before.revision, revision);
        const after = {
          name: change.name ?? before.name,
          environment: change.environment === undefined ? before.environment : change.environment,
          labels: change.labels ?? before.labels,
        };
        await tx
          .repository(Cluster)
          .update({ orgId: scope.orgId, clusterId }, { ...after, revision: before.revision + 1 });
        emitClusterChanged(tx, clusterId);
        const { name, environment, labels } = before;
        tx.audit({
          action: 'cluster.update',
          subject: publicId('cluster', clusterId),
          before: { name, environment, labels },
          after,
        });
      }),
    );
  }

  /**
   * Takes a cluster out of the fleet: its agent is refused from now on, its history stays.
   * @throws AppError `not_found`
   */
  async remove(scope: Scope, clusterId: string): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const { cluster } = await lockCluster(tx, clusterId);
      await recordConnection(tx, cluster);
      await tx.repository(Cluster).update({ orgId: scope.orgId, clusterId }, { removedAt: tx.now });
      await tx
        .repository(AgentCredential)
        .update({ orgId: scope.orgId, clusterId, revokedAt: IsNull() }, { revokedAt: tx.now });
      await tx.repository(Enrollment).update({ orgId: scope.orgId, clusterId, usedAt: IsNull() }, { usedAt: tx.now });
      tx.emit({ topic: CLUSTER_REMOVED, payload: { cluster_id: clusterId } });
      tx.audit({ action: 'cluster.remove', subject: publicId('cluster', clusterId), before: { name: cluster.name } });
      await moveObjectUsage(tx, -(await countOf(tx, clusterId)), undefined);
    });
  }

  /**
   * Records how connections changed by the clock alone, for all clusters of an organization.
   * @param scope the platform's own
   */
  async sweepConnections(scope: Scope): Promise<void> {
    const silent = await this.database.run(scope, listSilent);
    for (const clusterId of silent) {
      await this.database.run(scope, async (tx) => {
        await takeTick(tx, clusterId);
        const cluster = await tx.repository(Cluster).findOneBy({ orgId: scope.orgId, clusterId, removedAt: IsNull() });
        if (cluster !== null) await recordConnection(tx, cluster);
      });
    }
  }

  private async issueToken(tx: Tx, clusterId: string): Promise<NewEnrollment> {
    const enrollmentId = uuidV7(tx.now.getTime());
    const token = generateCredential('enrollment', enrollmentId);
    const expiresAt = new Date(tx.now.getTime() + ENROLLMENT_MINUTES * 60_000);
    const hmac = this.directory.hmacOf(token);
    await tx
      .repository(Enrollment)
      .insert({ orgId: tx.scope.orgId, enrollmentId, clusterId, hmac, createdAt: tx.now, expiresAt, usedAt: null });
    await this.directory.add(tx, 'enrollment', enrollmentId, hmac);
    return { token, expiresAt };
  }
}

async function refusingTakenNames<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error, 'cluster_name')) throw error;
    throw new AppError(
      'cluster_name_taken',
      `Another cluster is called "${name}": choose another name, or remove that one first.`,
      {
        cause: error,
      },
    );
  }
}
