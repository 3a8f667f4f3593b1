import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  createBindingSchema,
  bindingPageSchema,
  bindingPreviewSchema,
  bindingSchema,
  namedPageQuery,
  patchBindingSchema,
  previewBindingSchema,
  type CreateBinding,
  type NamedPageQuery,
  type PatchBinding,
  type PreviewBinding,
  type BindingPreviewShape,
  type BindingShape,
} from '#contracts';
import { BindingsReadModel, BindingsService } from '#enforcement';
import { PolicyImpact } from '#evaluation';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1/bindings')
@UseGuards(ApiKeyGuard)
export class BindingsController {
  constructor(
    private readonly service: BindingsService,
    private readonly views: BindingsReadModel,
    private readonly impact: PolicyImpact,
  ) {}

  @Get()
  @RequireScope('read')
  @Answers('Bindings by name', 200, bindingPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: namedPageQuery }) query: NamedPageQuery,
  ): Promise<Page<BindingShape>> {
    return this.views.list(scope, query);
  }

  @Post()
  @RequireScope('admin')
  @Idempotent()
  @Answers('Bind policies or a set to a target', 201, bindingSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createBindingSchema }) request: CreateBinding,
  ): Promise<BindingShape> {
    return this.views.get(scope, await this.service.create(scope, request));
  }

  @Get(':id')
  @RequireScope('read')
  @Answers('One binding, with what contradicts it', 200, bindingSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<BindingShape> {
    return this.views.get(scope, requirePublicId('binding', id));
  }

  @Patch(':id')
  @RequireScope('admin')
  @Answers('Change a binding; what it means is judged again', 200, bindingSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchBindingSchema }) change: PatchBinding,
  ): Promise<BindingShape> {
    await this.service.patch(scope, requirePublicId('binding', id), revision, change);
    return this.views.get(scope, requirePublicId('binding', id));
  }

  @Post(':id/preview')
  @HttpCode(200)
  @RequireScope('admin')
  @Answers('What deny would have refused in the last days', 200, bindingPreviewSchema)
  preview(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: previewBindingSchema }) request: PreviewBinding,
  ): Promise<BindingPreviewShape> {
    return this.impact.previewDeny(scope, requirePublicId('binding', id), request);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  @Answers('End a binding', 204)
  async remove(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
  ): Promise<void> {
    await this.service.remove(scope, requirePublicId('binding', id), revision);
  }
}
