import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import type { Page, Scope } from '#kernel';
import {
  listPoliciesQuery,
  policyDetailSchema,
  policyPageSchema,
  type ListPolicies,
  type PolicyDetail,
  type PolicySummary,
} from '#contracts';
import { PoliciesReadModel } from '#policies';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/policies')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class PoliciesController {
  constructor(private readonly policies: PoliciesReadModel) {}

  @Get()
  @Answers('Policies by slug', 200, policyPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listPoliciesQuery }) query: ListPolicies,
  ): Promise<Page<PolicySummary>> {
    return this.policies.list(scope, query);
  }

  @Get(':id')
  @Answers('One policy, by id or slug', 200, policyDetailSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<PolicyDetail> {
    return this.policies.get(scope, id);
  }
}
