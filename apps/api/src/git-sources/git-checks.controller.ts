import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  gitCheckDetailSchema,
  gitCheckPageSchema,
  listGitChecksQuery,
  type GitCheckDetail,
  type GitCheckShape,
  type ListGitChecks,
} from '#contracts';
import { GitChecksReadModel } from '#git';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/git-checks')
@UseGuards(ApiKeyGuard)
@RequireScope('read', 'validate')
export class GitChecksController {
  constructor(private readonly checks: GitChecksReadModel) {}

  @Get()
  @Answers('Checks of commits, the latest first', 200, gitCheckPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listGitChecksQuery }) query: ListGitChecks,
  ): Promise<Page<GitCheckShape>> {
    return this.checks.list(scope, query);
  }

  @Get(':id')
  @Answers('One check of a commit, with what it found', 200, gitCheckDetailSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<GitCheckDetail> {
    return this.checks.get(scope, requirePublicId('gitCheck', id));
  }
}
