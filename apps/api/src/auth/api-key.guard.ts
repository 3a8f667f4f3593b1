import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '#kernel';
import { ApiKeysService } from '#tenancy';
import { Admission } from '../limits/admission.js';
import { REQUIRED_SCOPES, type AuthenticatedRequest, type RequiredScope } from './principal.js';

/** Lets in whose API key is good and has one of the scopes that the route asks for. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly apiKeys: ApiKeysService,
    private readonly admission: Admission,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const principal = await this.admission.authenticate('api_key', request, (key) => this.apiKeys.authenticate(key));
    await this.admission.admitKey(request, principal);
    const required = this.reflector.getAllAndOverride<RequiredScope[] | undefined>(REQUIRED_SCOPES, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (required === undefined)
      throw new Error(`${context.getClass().name}.${context.getHandler().name} asks for no scope`);
    const implied = required.includes('operator') ? [] : ['admin'];
    if (![...required, ...implied].some((scope) => principal.scopes.includes(scope))) {
      throw new AppError(
        'forbidden_scope',
        `This route needs a key with the scope ${required.join(' or ')}; yours has ${principal.scopes.join(', ')}.`,
      );
    }
    request.principal = principal;
    return true;
  }
}
