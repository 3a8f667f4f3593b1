import { AppError, type Scope } from '#kernel';
import type { PolicyDetail, ValidationFormat, ValidationResult } from '#contracts';
import type { PolicyHelp } from '#formats';
import type { PoliciesReadModel } from '#policies';

/** Formats with a place for what policies say of themselves; for the others it would be read for nothing. */
const WITH_HELP: ReadonlySet<ValidationFormat> = new Set(['sarif']);

/**
 * @param policies of the organization
 * @param scope who asks
 * @param result whose policies are meant
 * @param format it is written in
 * @returns what those policies say of themselves, by slug; a policy that is not there any more says nothing
 */
export async function policyHelp(
  policies: PoliciesReadModel,
  scope: Scope,
  result: ValidationResult,
  format: ValidationFormat,
): Promise<ReadonlyMap<string, PolicyHelp>> {
  const help = new Map<string, PolicyHelp>();
  if (!WITH_HELP.has(format)) return help;
  for (const slug of new Set(result.violations.map(({ policy }) => policy.slug))) {
    const policy = await known(policies, scope, slug);
    if (policy !== undefined) help.set(slug, helpOf(policy));
  }
  return help;
}

async function known(policies: PoliciesReadModel, scope: Scope, slug: string): Promise<PolicyDetail | undefined> {
  try {
    return await policies.get(scope, slug);
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function helpOf({ description, remediation, standards }: PolicyDetail): PolicyHelp {
  return { description, remediation, standards: standards as unknown as PolicyHelp['standards'] };
}
