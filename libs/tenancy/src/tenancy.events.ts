/** An organization was made: what every organization has on its first day is added in the same commit. */
export const ORGANIZATION_CREATED = 'organization.created';

/** Held by the first organization's owner key alone; no API key made over HTTP can have it. */
export const OPERATOR_SCOPE = 'operator';
