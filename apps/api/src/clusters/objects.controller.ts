import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  listObjectsQuery,
  objectDetailSchema,
  objectPageSchema,
  objectQuery,
  objectRevisionPageSchema,
  objectRevisionsQuery,
  type ListObjectRevisions,
  type ListObjects,
  type ObjectDetail,
  type ObjectRevision,
  type ObjectSummary,
} from '#contracts';
import { ObjectsReadModel } from '#fleet';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/clusters/:id/objects')
@UseGuards(ApiKeyGuard)
@RequireScope('read', 'clusters')
export class ObjectsController {
  constructor(private readonly objects: ObjectsReadModel) {}

  @Get()
  @Answers('Objects by kind, namespace and name: those that are there, or were at a moment', 200, objectPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: listObjectsQuery }) query: ListObjects,
  ): Promise<Page<ObjectSummary>> {
    return this.objects.list(scope, requirePublicId('cluster', id), query);
  }

  @Get(':objectId')
  @Answers('One object as it is, or as it was at a moment', 200, objectDetailSchema)
  get(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Param('objectId') objectId: string,
    @Query({ schema: objectQuery }) { at }: z.infer<typeof objectQuery>,
  ): Promise<ObjectDetail> {
    return this.objects.get(scope, requirePublicId('cluster', id), requirePublicId('object', objectId), at);
  }

  @Get(':objectId/revisions')
  @Answers('Every content that an object had, the latest first', 200, objectRevisionPageSchema)
  revisions(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Param('objectId') objectId: string,
    @Query({ schema: objectRevisionsQuery }) query: ListObjectRevisions,
  ): Promise<Page<ObjectRevision>> {
    return this.objects.revisions(scope, requirePublicId('cluster', id), requirePublicId('object', objectId), query);
  }
}
