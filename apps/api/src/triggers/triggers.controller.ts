import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  createTriggerSchema,
  triggerPageSchema,
  triggerSchema,
  namedPageQuery,
  patchTriggerSchema,
  type CreateTrigger,
  type NamedPageQuery,
  type PatchTrigger,
  type TriggerShape,
} from '#contracts';
import { TriggersReadModel, TriggersService } from '#enforcement';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1/triggers')
@UseGuards(ApiKeyGuard)
export class TriggersController {
  constructor(
    private readonly service: TriggersService,
    private readonly views: TriggersReadModel,
  ) {}

  @Get()
  @RequireScope('read')
  @Answers('Triggers by name', 200, triggerPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: namedPageQuery }) query: NamedPageQuery,
  ): Promise<Page<TriggerShape>> {
    return this.views.list(scope, query);
  }

  @Post()
  @RequireScope('admin')
  @Idempotent()
  @Answers('Say when bindings are looked at', 201, triggerSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createTriggerSchema }) request: CreateTrigger,
  ): Promise<TriggerShape> {
    return this.views.get(scope, await this.service.create(scope, request));
  }

  @Get(':id')
  @RequireScope('read')
  @Answers('One trigger', 200, triggerSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<TriggerShape> {
    return this.views.get(scope, requirePublicId('trigger', id));
  }

  @Patch(':id')
  @RequireScope('admin')
  @Answers('Change name or schedule', 200, triggerSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchTriggerSchema }) change: PatchTrigger,
  ): Promise<TriggerShape> {
    await this.service.patch(scope, requirePublicId('trigger', id), revision, change);
    return this.views.get(scope, requirePublicId('trigger', id));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  @Answers('Take a trigger away that nothing uses', 204)
  async remove(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
  ): Promise<void> {
    await this.service.remove(scope, requirePublicId('trigger', id), revision);
  }
}
