import { Body, Controller, Get, Param, Patch, Post, UseGuards } from '@nestjs/common';
import { publicId, requirePublicId, type Scope } from '#kernel';
import {
  createdOrganizationSchema,
  createOrganizationSchema,
  operateOrganizationSchema,
  organizationSchema,
  patchOrganizationSchema,
} from '#contracts';
import { OPERATOR_SCOPE, Organization, OrganizationsService, quotasOf } from '#tenancy';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';
import { Admission } from '../limits/admission.js';
import { Idempotent } from '../idempotency/idempotent.js';

@Controller('api/v1')
@UseGuards(ApiKeyGuard)
export class OrganizationsController {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly admission: Admission,
  ) {}

  @Post('organizations')
  @RequireScope(OPERATOR_SCOPE)
  @Idempotent('key')
  @Answers('Make an organization, with its owner’s key', 201, createdOrganizationSchema)
  async create(
    @RequestScope() scope: Scope,
    @Body({ schema: createOrganizationSchema }) request: z.infer<typeof createOrganizationSchema>,
  ): Promise<z.infer<typeof createdOrganizationSchema>> {
    const { orgId, key } = await this.organizations.create(scope, request, Date.now());
    return { id: publicId('organization', orgId), ...request, key };
  }

  @Get('organization')
  @RequireScope('read')
  @Answers('The organization of the credential', 200, organizationSchema)
  async get(@RequestScope() scope: Scope): Promise<z.infer<typeof organizationSchema>> {
    return this.shapeOf(await this.organizations.get(scope));
  }

  @Patch('organization')
  @RequireScope('admin')
  @Answers('Change its name or what fails a validation', 200, organizationSchema)
  async patch(
    @RequestScope() scope: Scope,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchOrganizationSchema }) change: z.infer<typeof patchOrganizationSchema>,
  ): Promise<z.infer<typeof organizationSchema>> {
    return this.shapeOf(await this.organizations.patch(scope, revision, change));
  }

  @Patch('organizations/:id')
  @RequireScope(OPERATOR_SCOPE)
  @Answers('Say how much an organization may hold and do; null gives a default back', 200, organizationSchema)
  async operate(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @IfMatch() revision: number | undefined,
    @Body({ schema: operateOrganizationSchema }) { quotas }: z.infer<typeof operateOrganizationSchema>,
  ): Promise<z.infer<typeof organizationSchema>> {
    const orgId = requirePublicId('organization', id);
    return this.shapeOf(await this.organizations.setQuotas(scope, orgId, revision, quotas));
  }

  private shapeOf(organization: Organization): z.infer<typeof organizationSchema> {
    const { orgId, slug, name, failOn, ignores, quotas, createdAt, revision } = organization;
    return {
      id: publicId('organization', orgId),
      slug,
      name,
      fail_on: failOn,
      ignores,
      quotas: quotasOf(quotas, this.admission.validationsPerMinute),
      created_at: createdAt.toISOString(),
      revision,
    };
  }
}
