import { Controller, Get, UseGuards } from '@nestjs/common';
import { organizationUsageSchema, type OrganizationUsage } from '#contracts';
import { FleetReadModel } from '#fleet';
import type { Scope } from '#kernel';
import { PoliciesReadModel } from '#policies';
import { quotasOf, type Principal } from '#tenancy';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestPrincipal, RequestScope, RequireScope } from '../auth/principal.js';
import { Admission } from '../limits/admission.js';

@Controller('api/v1/organization/usage')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class UsageController {
  constructor(
    private readonly fleet: FleetReadModel,
    private readonly policies: PoliciesReadModel,
    private readonly admission: Admission,
  ) {}

  @Get()
  @Answers('How much of its quotas the organization takes', 200, organizationUsageSchema)
  async usage(@RequestScope() scope: Scope, @RequestPrincipal() principal: Principal): Promise<OrganizationUsage> {
    const limits = quotasOf(principal.quotas, this.admission.validationsPerMinute);
    const fleet = await this.fleet.usage(scope);
    const perMinute = limits.validations_per_minute;
    return {
      clusters: { used: fleet.clusters, limit: limits.clusters },
      objects: { used: fleet.objects, limit: limits.objects },
      custom_policies: { used: await this.policies.countOwn(scope), limit: limits.custom_policies },
      validations_per_minute: { used: await this.admission.validationsUsed(scope.orgId, perMinute), limit: perMinute },
      body_bytes: { limit: limits.body_bytes },
    };
  }
}
