import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { EnrollmentService } from '#fleet';
import { Admission } from '../limits/admission.js';
import { aboutOf, type AuthenticatedRequest } from './principal.js';

/** Lets in an agent whose credential is good. */
@Injectable()
export class AgentGuard implements CanActivate {
  constructor(
    private readonly enrollment: EnrollmentService,
    private readonly admission: Admission,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const agent = await this.admission.authenticate('agent', request, (credential) =>
      this.enrollment.authenticate(credential),
    );
    const { orgId, actor } = agent.scope;
    await this.admission.admitAgent(request, { orgId, credentialId: actor.id });
    request.agent = {
      ...agent,
      scope: { ...agent.scope, ...aboutOf(request) },
    };
    return true;
  }
}
