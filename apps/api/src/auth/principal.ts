import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { ApiKeyScope } from '#contracts';
import type { Scope } from '#kernel';
import type { AgentPrincipal } from '#fleet';
import type { OPERATOR_SCOPE, Principal } from '#tenancy';
import type { IdentifiedRequest } from '#platform';

export type RequiredScope = ApiKeyScope | typeof OPERATOR_SCOPE;

/** A request whose credential was checked. */
export interface AuthenticatedRequest extends IdentifiedRequest {
  principal?: Principal;
  agent?: AgentPrincipal;
}

export const REQUIRED_SCOPES = 'bylaw:required-scopes';

/**
 * Says which scopes let a key use a route; any one of them does, and `admin` always does.
 * @param scopes at least one
 */
export const RequireScope = (...scopes: [RequiredScope, ...RequiredScope[]]) => SetMetadata(REQUIRED_SCOPES, scopes);

/** The tenant scope of the request: organization and actor of its API key, the route as reason. */
export const RequestScope = createParamDecorator((_data: unknown, context: ExecutionContext): Scope =>
  scopeOf(context.switchToHttp().getRequest<AuthenticatedRequest>()),
);

/** @returns the tenant scope of a request that an ApiKeyGuard let in */
export function scopeOf(request: AuthenticatedRequest): Scope {
  const { orgId, actor } = requirePrincipal(request);
  return { orgId, actor, ...aboutOf(request) };
}

/** @returns what a scope says of the request that it is for */
export function aboutOf(request: IdentifiedRequest): Pick<Scope, 'reason' | 'requestId' | 'traceparent'> {
  const { method, path, requestId, traceparent } = request;
  return { reason: `${method} ${path}`, requestId, ...(traceparent !== undefined && { traceparent }) };
}

/** The API key behind the request. */
export const RequestPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  requirePrincipal(context.switchToHttp().getRequest<AuthenticatedRequest>()),
);

/** The agent behind the request. */
export const RequestAgent = createParamDecorator((_data: unknown, context: ExecutionContext): AgentPrincipal => {
  const { agent } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (agent === undefined) throw new Error('a route of the agent has no AgentGuard');
  return agent;
});

/** @returns the API key behind a request that an ApiKeyGuard let in */
export function requirePrincipal(request: AuthenticatedRequest): Principal {
  if (request.principal === undefined) throw new Error('a route of the API has no ApiKeyGuard');
  return request.principal;
}
