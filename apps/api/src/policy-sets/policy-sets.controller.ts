import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { publicId, requirePublicId, type Page, type Scope } from '#kernel';
import {
  createPolicySetSchema,
  policySetPageSchema,
  policySetSchema,
  namedPageQuery,
  patchPolicySetSchema,
  type CreatePolicySet,
  type NamedPageQuery,
  type PatchPolicySet,
  type PolicySetShape,
} from '#contracts';
import { PolicySetsReadModel, PolicySetsService } from '#policies';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1/policy-sets')
@UseGuards(ApiKeyGuard)
export class PolicySetsController {
  constructor(
    private readonly service: PolicySetsService,
    private readonly views: PolicySetsReadModel,
  ) {}

  @Get()
  @RequireScope('read')
  @Answers('Policy sets by slug', 200, policySetPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: namedPageQuery }) query: NamedPageQuery,
  ): Promise<Page<PolicySetShape>> {
    return this.views.list(scope, query);
  }

  @Post()
  @RequireScope('admin')
  @Idempotent()
  @Answers('Make a set of policies', 201, policySetSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createPolicySetSchema }) request: CreatePolicySet,
  ): Promise<PolicySetShape> {
    return this.views.get(scope, publicId('policySet', await this.service.create(scope, request)));
  }

  @Get(':id')
  @RequireScope('read')
  @Answers('One policy set, by id or slug', 200, policySetSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<PolicySetShape> {
    return this.views.get(scope, id);
  }

  @Patch(':id')
  @RequireScope('admin')
  @Answers('Change a set of your own', 200, policySetSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchPolicySetSchema }) change: PatchPolicySet,
  ): Promise<PolicySetShape> {
    await this.service.patch(scope, requirePublicId('policySet', id), revision, change);
    return this.views.get(scope, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  @Answers('Take a set away that nothing uses', 204)
  async remove(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
  ): Promise<void> {
    await this.service.remove(scope, requirePublicId('policySet', id), revision);
  }
}
