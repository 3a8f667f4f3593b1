import { Controller, Get, UseGuards } from '@nestjs/common';
import { publicId, type Scope } from '#kernel';
import { API_KEY_SCOPES, meSchema, type Me } from '#contracts';
import { OrganizationsService, type Principal } from '#tenancy';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestPrincipal, RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/me')
@UseGuards(ApiKeyGuard)
export class MeController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Get()
  @RequireScope(...API_KEY_SCOPES)
  @Answers('Whose credential it is, and what it may do', 200, meSchema)
  async get(@RequestScope() scope: Scope, @RequestPrincipal() { actor, scopes, failOn }: Principal): Promise<Me> {
    const { slug, name } = await this.organizations.get(scope);
    return {
      organization: { id: publicId('organization', scope.orgId), slug, name },
      api_key: { id: actor.id, name: actor.name ?? '', scopes: [...scopes], fail_on: failOn },
    };
  }
}
