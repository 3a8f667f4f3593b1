/** Policies of an organization changed what they say or do. Payload: `PoliciesChanged`. */
export const POLICIES_CHANGED = 'policies.changed';

/** An organization has its built-in policies and sets now; what binds them can follow in the same commit. Payload: `PoliciesProvisioned`. */
export const POLICIES_PROVISIONED = 'policies.provisioned';

export interface PoliciesChanged {
  policy_ids: string[];
}

export interface PoliciesProvisioned {
  /** Whether it had none before: it is new. */
  first: boolean;
}
