import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import type { Scope } from '#kernel';
import { complianceQuery, complianceSchema, type ComplianceQuery, type ComplianceShape } from '#contracts';
import { ComplianceReadModel } from '#compliance';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/compliance')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class ComplianceController {
  constructor(private readonly compliance: ComplianceReadModel) {}

  @Get()
  @Answers('Compliance now: counts, coverage, age of the data, score', 200, complianceSchema)
  now(
    @RequestScope() scope: Scope,
    @Query({ schema: complianceQuery }) query: ComplianceQuery,
  ): Promise<ComplianceShape> {
    return this.compliance.now(scope, query);
  }
}
