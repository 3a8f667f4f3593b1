import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { publicId, requirePublicId, type Page, type Scope } from '#kernel';
import {
  clonePolicySchema,
  createPolicySchema,
  endPolicySchema,
  namedPageQuery,
  newVersionSchema,
  policyDetailSchema,
  policyDiffQuery,
  policyDiffSchema,
  policyVersionDetailSchema,
  policyVersionPageSchema,
  policyVersionParam,
  publishPolicySchema,
  type ClonePolicy,
  type CreatePolicy,
  type EndPolicy,
  type NamedPageQuery,
  type NewVersion,
  type PolicyDetail,
  type PolicyDiff,
  type PolicyDiffQuery,
  type PolicyVersionDetail,
  type PolicyVersionShape,
  type PublishPolicy,
} from '#contracts';
import { OwnPoliciesService, PoliciesReadModel } from '#policies';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1/policies')
@UseGuards(ApiKeyGuard)
@RequireScope('admin')
export class OwnPoliciesController {
  constructor(
    private readonly own: OwnPoliciesService,
    private readonly policies: PoliciesReadModel,
  ) {}

  @Post()
  @Idempotent()
  @Answers('Save a policy of your own as a draft', 201, policyDetailSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createPolicySchema }) request: CreatePolicy,
  ): Promise<PolicyDetail> {
    return this.policies.get(scope, publicId('policy', await this.own.create(scope, request)));
  }

  @Patch(':id')
  @Answers('Save the next version; what is left out stays', 200, policyDetailSchema)
  async patch(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: newVersionSchema }) change: NewVersion,
  ): Promise<PolicyDetail> {
    await this.own.addVersion(scope, requirePublicId('policy', id), revision, change);
    return this.policies.get(scope, id);
  }

  @Get(':id/versions')
  @RequireScope('read')
  @Answers('Versions, the latest first', 200, policyVersionPageSchema)
  versions(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: namedPageQuery }) query: NamedPageQuery,
  ): Promise<Page<PolicyVersionShape>> {
    return this.policies.versions(scope, requirePublicId('policy', id), query);
  }

  @Post(':id/versions')
  @Idempotent()
  @Answers('Save the next version', 201, policyVersionDetailSchema)
  async addVersion(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: newVersionSchema }) change: NewVersion,
  ): Promise<PolicyVersionDetail> {
    const policyId = requirePublicId('policy', id);
    return this.policies.version(scope, policyId, await this.own.addVersion(scope, policyId, revision, change));
  }

  @Get(':id/versions/:version')
  @RequireScope('read')
  @Answers('One version, with its Rego where it is your own', 200, policyVersionDetailSchema)
  version(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Param('version', { schema: policyVersionParam }) version: number,
  ): Promise<PolicyVersionDetail> {
    return this.policies.version(scope, requirePublicId('policy', id), version);
  }

  @Get(':id/diff')
  @RequireScope('read')
  @Answers('What changed between two versions', 200, policyDiffSchema)
  diff(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: policyDiffQuery }) range: PolicyDiffQuery,
  ): Promise<PolicyDiff> {
    return this.policies.diff(scope, requirePublicId('policy', id), range);
  }

  @Post(':id/clone')
  @Idempotent()
  @Answers('Save a policy, a built-in one too, as a draft of your own', 201, policyDetailSchema)
  async clone(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: clonePolicySchema }) request: ClonePolicy,
  ): Promise<PolicyDetail> {
    return this.policies.get(scope, publicId('policy', await this.own.clone(scope, id, request)));
  }

  @Post(':id/publish')
  @HttpCode(200)
  @Idempotent()
  @Answers('Let a version act', 200, policyDetailSchema)
  async publish(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: publishPolicySchema }) request: PublishPolicy,
  ): Promise<PolicyDetail> {
    await this.own.publish(scope, requirePublicId('policy', id), revision, request);
    return this.policies.get(scope, id);
  }

  @Post(':id/deprecate')
  @HttpCode(200)
  @Idempotent()
  @Answers('Say that it is not to be used any more', 200, policyDetailSchema)
  async deprecate(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: endPolicySchema }) request: EndPolicy,
  ): Promise<PolicyDetail> {
    await this.own.deprecate(scope, requirePublicId('policy', id), revision, request);
    return this.policies.get(scope, id);
  }

  @Post(':id/archive')
  @HttpCode(200)
  @Idempotent()
  @Answers('End a policy that nothing uses', 200, policyDetailSchema)
  async archive(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: endPolicySchema }) request: EndPolicy,
  ): Promise<PolicyDetail> {
    await this.own.archive(scope, requirePublicId('policy', id), revision, request);
    return this.policies.get(scope, id);
  }

  @Delete(':id/source')
  @HttpCode(204)
  @Answers('Change a policy here from now on that was kept elsewhere', 204)
  async letGo(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
  ): Promise<void> {
    await this.own.letGo(scope, requirePublicId('policy', id), revision);
  }

  @Delete(':id/quarantine')
  @HttpCode(204)
  @Answers('Run a policy again that was quarantined', 204)
  async liftQuarantine(@RequestScope() scope: Scope, @Param('id') id: string): Promise<void> {
    await this.own.liftQuarantine(scope, requirePublicId('policy', id));
  }
}
