/** Policies of an organization changed what they say or do. Payload: `PoliciesChanged`. */
export const POLICIES_CHANGED = 'policies.changed';

/** An organization has its built-in policies and sets now; what binds them can follow in the same commit. Payload: `PoliciesProvisioned`. */
export const POLICIES_PROVISIONED = 'policies.provisioned';

/** A version of an organization's own policy acts from now on; who binds it may refuse. Payload: `PolicyPublished`. */
export const POLICY_PUBLISHED = 'policy.published';

export interface PolicyPublished {
  policy_id: string;
}

/** A set has other members, or other parameters, than before. Payload: `PolicySetChanged`. */
export const POLICY_SET_CHANGED = 'policy-set.changed';

export interface PolicySetChanged {
  policy_set_id: string;
}

export interface PoliciesChanged {
  policy_ids: string[];
}

export interface PoliciesProvisioned {
  /** Whether it had none before: it is new. */
  first: boolean;
}
