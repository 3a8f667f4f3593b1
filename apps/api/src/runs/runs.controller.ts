import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import { listRunsQuery, runPageSchema, runSchema, type ListRuns, type RunShape } from '#contracts';
import { RunsReadModel } from '#evaluation';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/runs')
@UseGuards(ApiKeyGuard)
@RequireScope('read', 'clusters')
export class RunsController {
  constructor(private readonly runs: RunsReadModel) {}

  @Get()
  @Answers('Runs, the latest first', 200, runPageSchema)
  list(@RequestScope() scope: Scope, @Query({ schema: listRunsQuery }) query: ListRuns): Promise<Page<RunShape>> {
    return this.runs.list(scope, query);
  }

  @Get(':id')
  @Answers('One run', 200, runSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<RunShape> {
    return this.runs.get(scope, requirePublicId('run', id));
  }
}
