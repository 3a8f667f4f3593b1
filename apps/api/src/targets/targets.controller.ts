import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  createTargetSchema,
  targetPageSchema,
  targetSchema,
  namedPageQuery,
  patchTargetSchema,
  targetMatchesSchema,
  type CreateTarget,
  type NamedPageQuery,
  type PatchTarget,
  type TargetMatches,
  type TargetShape,
} from '#contracts';
import { TargetsReadModel, TargetsService } from '#enforcement';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1/targets')
@UseGuards(ApiKeyGuard)
export class TargetsController {
  constructor(
    private readonly service: TargetsService,
    private readonly views: TargetsReadModel,
  ) {}

  @Get()
  @RequireScope('read')
  @Answers('Targets by name', 200, targetPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: namedPageQuery }) query: NamedPageQuery,
  ): Promise<Page<TargetShape>> {
    return this.views.list(scope, query);
  }

  @Post()
  @RequireScope('admin')
  @Idempotent()
  @Answers('Say where bindings apply', 201, targetSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createTargetSchema }) request: CreateTarget,
  ): Promise<TargetShape> {
    return this.views.get(scope, await this.service.create(scope, request));
  }

  @Get(':id')
  @RequireScope('read')
  @Answers('One target', 200, targetSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<TargetShape> {
    return this.views.get(scope, requirePublicId('target', id));
  }

  @Get(':id/matches')
  @RequireScope('read')
  @Answers('What a target matches now', 200, targetMatchesSchema)
  matches(@RequestScope() scope: Scope, @Param('id') id: string): Promise<TargetMatches> {
    return this.views.matches(scope, requirePublicId('target', id));
  }

  @Patch(':id')
  @RequireScope('admin')
  @Answers('Change name or conditions; null takes a condition away', 200, targetSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchTargetSchema }) change: PatchTarget,
  ): Promise<TargetShape> {
    await this.service.patch(scope, requirePublicId('target', id), revision, change);
    return this.views.get(scope, requirePublicId('target', id));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  @Answers('Take a target away that nothing uses', 204)
  async remove(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
  ): Promise<void> {
    await this.service.remove(scope, requirePublicId('target', id), revision);
  }
}
