import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { requirePublicId, type Page, type Scope } from '#kernel';
import {
  createdGitSourceSchema,
  createGitSourceSchema,
  gitCheckSchema,
  gitSourcePageSchema,
  gitSourceSchema,
  namedPageQuery,
  patchGitSourceSchema,
  requestGitCheckSchema,
  type CreatedGitSource,
  type CreateGitSource,
  type GitCheckShape,
  type GitSourceShape,
  type NamedPageQuery,
  type PatchGitSource,
  type RequestGitCheck,
} from '#contracts';
import { GitChecksReadModel, GitSourcesReadModel, GitSourcesService } from '#git';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1/git-sources')
@UseGuards(ApiKeyGuard)
export class GitSourcesController {
  constructor(
    private readonly service: GitSourcesService,
    private readonly views: GitSourcesReadModel,
    private readonly checks: GitChecksReadModel,
  ) {}

  @Get()
  @RequireScope('read')
  @Answers('Git sources by name', 200, gitSourcePageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: namedPageQuery }) query: NamedPageQuery,
  ): Promise<Page<GitSourceShape>> {
    return this.views.list(scope, query);
  }

  @Post()
  @RequireScope('admin')
  @Idempotent('webhook_secret')
  @Answers('Have the pushes of a repository checked; the secret of its hook is shown once', 201, createdGitSourceSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createGitSourceSchema }) request: CreateGitSource,
  ): Promise<CreatedGitSource> {
    const { sourceId, webhookSecret } = await this.service.create(scope, request);
    return { ...(await this.views.get(scope, sourceId)), webhook_secret: webhookSecret };
  }

  @Get(':id')
  @RequireScope('read')
  @Answers('One git source', 200, gitSourceSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<GitSourceShape> {
    return this.views.get(scope, requirePublicId('gitSource', id));
  }

  @Patch(':id')
  @RequireScope('admin')
  @Answers('Change what is looked at, and how the repository is reached', 200, gitSourceSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchGitSourceSchema }) change: PatchGitSource,
  ): Promise<GitSourceShape> {
    const sourceId = requirePublicId('gitSource', id);
    await this.service.patch(scope, sourceId, revision, change);
    return this.views.get(scope, sourceId);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  @Answers('Take a git source away with its checks; the validations that they made stay', 204)
  async remove(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
  ): Promise<void> {
    await this.service.remove(scope, requirePublicId('gitSource', id), revision);
  }

  @Post(':id/checks')
  @HttpCode(202)
  @RequireScope('validate')
  @Idempotent()
  @Answers('Check a branch or tag as it is now', 202, gitCheckSchema)
  check(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: requestGitCheckSchema }) request: RequestGitCheck,
  ): Promise<GitCheckShape> {
    return this.checks.request(scope, requirePublicId('gitSource', id), request);
  }
}
