import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AppError, type CredentialKind } from '#kernel';
import {
  bodyTooLarge,
  CredentialAttempts,
  Metrics,
  RateLimits,
  TooManyAttempts,
  WINDOW_SECONDS,
  type Standing,
} from '#platform';
import { quotasOf, type Principal, type QuotaOverrides } from '#tenancy';
import { bearerOf } from '../auth/bearer.js';
import type { AuthenticatedRequest } from '../auth/principal.js';
import { bodyBytesOf } from '../operations/body-bytes.js';
import { rateClassOf } from './rate-class.rules.js';

/** Lets requests in by how many came before them. */
@Injectable()
export class Admission {
  constructor(
    private readonly attempts: CredentialAttempts,
    private readonly limits: RateLimits,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Checks a credential, unless its client's address has brought too many wrong ones.
   * @param kind that is taken here
   * @param check asks the database
   * @param credential as it was sent; that of the Authorization header unless given
   * @throws AppError `too_many_requests`, `unauthenticated` and what `check` throws
   */
  async authenticate<Result>(
    kind: CredentialKind,
    request: AuthenticatedRequest,
    check: (credential: string) => Promise<Result>,
    credential = bearerOf(request),
  ): Promise<Result> {
    return tellingWhen(request, () => this.attempts.check(kind, request.ip ?? '', credential, () => check(credential)));
  }

  /**
   * Checks who sends by what is no credential of ours, such as a signed body, unless its client's address has brought too
   * many wrong ones.
   * @param subject what the sender claims to speak for
   * @param check finds out, and does what is asked
   * @throws AppError `too_many_requests`, `unauthenticated` and what `check` throws
   */
  async admitProof<Result>(
    request: AuthenticatedRequest,
    subject: string,
    check: () => Promise<Result>,
  ): Promise<Result> {
    return tellingWhen(request, () => this.attempts.checkProof(request.ip ?? '', subject, check));
  }

  /**
   * Counts a request under an API key, and holds its body against the organization's quota.
   * @throws AppError `too_many_requests`, `body_too_large`
   */
  async admitKey(request: AuthenticatedRequest, principal: Principal): Promise<void> {
    const { orgId, actor, quotas } = principal;
    await this.count(request, { orgId, credentialId: actor.id }, quotas);
    const { body_bytes: limit } = quotasOf(quotas, this.validationsPerMinute);
    if (bodyBytesOf(request) > limit) throw bodyTooLarge(limit);
  }

  /**
   * Counts a request of an agent.
   * @throws AppError `too_many_requests`
   */
  async admitAgent(request: AuthenticatedRequest, subject: { orgId: string; credentialId: string }): Promise<void> {
    await this.count(request, subject, {});
  }

  /** The installation's limit, for organizations without one of their own. */
  get validationsPerMinute(): number {
    return this.limits.settings.perMinute.validate.organization;
  }

  /** @returns how many validations the organization asked for in the minute that runs */
  async validationsUsed(orgId: string, limit: number): Promise<number> {
    return this.limits.used(orgId, 'validate', limit);
  }

  private async count(
    request: AuthenticatedRequest,
    subject: { orgId: string; credentialId: string },
    quotas: QuotaOverrides,
  ): Promise<void> {
    const kind = rateClassOf(request.method, request.path);
    const ownLimit = kind === 'validate' ? quotas.validations_per_minute : undefined;
    const [tightest, ...others] = await this.limits.count(subject, kind, ownLimit);
    if (tightest === undefined || request.res === undefined) return;
    tell(request.res, tightest, others);
    if (tightest.allowed) return;
    this.metrics.limited.inc({ class: kind });
    throw new AppError(
      'too_many_requests',
      `At most ${tightest.limit} requests of this kind are taken a minute: try again in ${tightest.resetSeconds} s.`,
    );
  }
}

/** Says when an address may try again that brought too many wrong credentials. */
async function tellingWhen<Result>(request: AuthenticatedRequest, check: () => Promise<Result>): Promise<Result> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof TooManyAttempts) request.res?.setHeader('Retry-After', error.retryAfterSeconds);
    throw error;
  }
}

/** The headers of draft-ietf-httpapi-ratelimit-headers, in the form with three of them that clients know. */
function tell(response: Response, tightest: Standing, others: readonly Standing[]): void {
  response.setHeader('RateLimit-Limit', tightest.limit);
  response.setHeader('RateLimit-Remaining', tightest.remaining);
  response.setHeader('RateLimit-Reset', tightest.resetSeconds);
  const policies = [tightest, ...others].map(({ limit }) => `${limit};w=${WINDOW_SECONDS}`);
  response.setHeader('RateLimit-Policy', policies.join(', '));
  if (!tightest.allowed) response.setHeader('Retry-After', tightest.resetSeconds);
}
