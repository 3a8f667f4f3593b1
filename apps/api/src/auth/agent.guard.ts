import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { EnrollmentService } from '#fleet';
import { bearerOf } from './bearer.js';
import type { AuthenticatedRequest } from './principal.js';

/** Lets in an agent whose credential is good. */
@Injectable()
export class AgentGuard implements CanActivate {
  constructor(private readonly enrollment: EnrollmentService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const agent = await this.enrollment.authenticate(bearerOf(request));
    request.agent = {
      ...agent,
      scope: { ...agent.scope, requestId: request.requestId, reason: `${request.method} ${request.path}` },
    };
    return true;
  }
}
