import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import type { Scope } from '#kernel';
import {
  complianceQuery,
  complianceSchema,
  timelineQuery,
  timelineSchema,
  type ComplianceQuery,
  type ComplianceShape,
  type TimelineQuery,
  type TimelineShape,
} from '#contracts';
import { ComplianceReadModel, TimelineReadModel } from '#compliance';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/compliance')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class ComplianceController {
  constructor(
    private readonly compliance: ComplianceReadModel,
    private readonly moves: TimelineReadModel,
  ) {}

  @Get()
  @Answers('Compliance now, or as of a moment: counts, coverage, age of the data, score', 200, complianceSchema)
  get(
    @RequestScope() scope: Scope,
    @Query({ schema: complianceQuery }) query: ComplianceQuery,
  ): Promise<ComplianceShape> {
    return this.compliance.get(scope, query);
  }

  @Get('timeline')
  @Answers('How compliance moved, with what was changed meanwhile', 200, timelineSchema)
  timeline(
    @RequestScope() scope: Scope,
    @Query({ schema: timelineQuery }) query: TimelineQuery,
  ): Promise<TimelineShape> {
    return this.moves.get(scope, query);
  }
}
