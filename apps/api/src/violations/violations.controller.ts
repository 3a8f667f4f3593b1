import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  listViolationsQuery,
  violationPageSchema,
  violationSchema,
  type ListViolations,
  type ViolationShape,
} from '#contracts';
import { ViolationsReadModel } from '#compliance';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/violations')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class ViolationsController {
  constructor(private readonly violations: ViolationsReadModel) {}

  @Get()
  @Answers('Violations: open and failing ones, unless the filters say otherwise', 200, violationPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listViolationsQuery }) query: ListViolations,
  ): Promise<Page<ViolationShape>> {
    return this.violations.list(scope, query);
  }

  @Get(':id')
  @Answers('One violation', 200, violationSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<ViolationShape> {
    return this.violations.get(scope, requirePublicId('violation', id));
  }
}
