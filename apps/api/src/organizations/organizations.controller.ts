import { Body, Controller, Get, Patch, Post, UseGuards } from '@nestjs/common';
import { publicId, type Scope } from '#kernel';
import {
  createdOrganizationSchema,
  createOrganizationSchema,
  organizationSchema,
  patchOrganizationSchema,
} from '#contracts';
import { OPERATOR_SCOPE, Organization, OrganizationsService } from '#tenancy';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { IfMatch } from '../etag.js';

@Controller('api/v1')
@UseGuards(ApiKeyGuard)
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Post('organizations')
  @RequireScope(OPERATOR_SCOPE)
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
    return shapeOf(await this.organizations.get(scope));
  }

  @Patch('organization')
  @RequireScope('admin')
  @Answers('Change its name or what fails a validation', 200, organizationSchema)
  async patch(
    @RequestScope() scope: Scope,
    @IfMatch() revision: number | undefined,
    @Body({ schema: patchOrganizationSchema }) change: z.infer<typeof patchOrganizationSchema>,
  ): Promise<z.infer<typeof organizationSchema>> {
    return shapeOf(await this.organizations.patch(scope, revision, change));
  }
}

function shapeOf(organization: Organization): z.infer<typeof organizationSchema> {
  const { orgId, slug, name, failOn, createdAt, revision } = organization;
  return {
    id: publicId('organization', orgId),
    slug,
    name,
    fail_on: failOn,
    created_at: createdAt.toISOString(),
    revision,
  };
}
