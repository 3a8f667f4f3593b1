import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  clusterPageSchema,
  clusterSchema,
  createClusterSchema,
  createdClusterSchema,
  enrollmentSchema,
  listClustersQuery,
  patchClusterSchema,
  runSchema,
  type ClusterShape,
  type CreateCluster,
  type PatchCluster,
  type RunShape,
} from '#contracts';
import { RunsReadModel } from '#evaluation';
import { ClustersService, FleetReadModel, type NewEnrollment } from '#fleet';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

type EnrollmentShape = z.infer<typeof enrollmentSchema>;

@Controller('api/v1/clusters')
@UseGuards(ApiKeyGuard)
export class ClustersController {
  constructor(
    private readonly clusters: ClustersService,
    private readonly fleet: FleetReadModel,
    private readonly runs: RunsReadModel,
  ) {}

  @Post()
  @RequireScope('clusters')
  @Idempotent('enrollment.token', 'enrollment.manifest_url')
  @Answers('Register a cluster', 201, createdClusterSchema)
  async register(
    @RequestScope() scope: Scope,
    @Body({ schema: createClusterSchema }) request: CreateCluster,
  ): Promise<ClusterShape & { enrollment: EnrollmentShape }> {
    const { clusterId, enrollment } = await this.clusters.register(scope, request);
    return { ...(await this.fleet.cluster(scope, clusterId)), enrollment: enrollmentShape(enrollment) };
  }

  @Get()
  @RequireScope('read', 'clusters')
  @Answers('Clusters by name', 200, clusterPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listClustersQuery }) query: z.infer<typeof listClustersQuery>,
  ): Promise<Page<ClusterShape>> {
    return this.fleet.clusters(scope, query);
  }

  @Get(':id')
  @RequireScope('read', 'clusters')
  @Answers('One cluster', 200, clusterSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<ClusterShape> {
    return this.fleet.cluster(scope, requirePublicId('cluster', id));
  }

  @Patch(':id')
  @RequireScope('clusters')
  @Answers('Change name, environment or labels', 200, clusterSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchClusterSchema }) change: PatchCluster,
  ): Promise<ClusterShape> {
    const clusterId = requirePublicId('cluster', id);
    await this.clusters.patch(scope, clusterId, revision, change);
    return this.fleet.cluster(scope, clusterId);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('clusters')
  @Answers('Take a cluster out of the fleet; its history stays', 204)
  async remove(@RequestScope() scope: Scope, @Param('id') id: string): Promise<void> {
    await this.clusters.remove(scope, requirePublicId('cluster', id));
  }

  @Post(':id/enrollment')
  @RequireScope('clusters')
  @Idempotent('token', 'manifest_url')
  @Answers('A new enrolment token; the ones before it end', 201, enrollmentSchema)
  async enrollment(@RequestScope() scope: Scope, @Param('id') id: string): Promise<EnrollmentShape> {
    return enrollmentShape(await this.clusters.renewEnrollment(scope, requirePublicId('cluster', id)));
  }

  @Post(':id/runs')
  @HttpCode(202)
  @RequireScope('clusters')
  @Idempotent()
  @Answers('Judge everything in the cluster again', 202, runSchema)
  run(@RequestScope() scope: Scope, @Param('id') id: string): Promise<RunShape> {
    return this.runs.request(scope, requirePublicId('cluster', id));
  }
}

function enrollmentShape({ token, expiresAt }: NewEnrollment): EnrollmentShape {
  return { token, expires_at: expiresAt.toISOString(), manifest_url: null };
}
