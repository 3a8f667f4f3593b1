export { AuthoringService } from './authoring.service.js';
export { BuiltInLibrary, builtInPolicyId, builtInSetId } from './built-in-library.js';
export type { ImportFile } from './import-documents.rules.js';
export type { Binder, BoundDocument } from './import-plan.store.js';
export { ImportService } from './import.service.js';
export { type OwnModule, OwnModules } from './own-modules.service.js';
export { OwnPoliciesService } from './own-policies.service.js';
export { PoliciesReadModel } from './policies.read-model.js';
export { requireParameters, resolveItems, type ResolvedItem } from './policy-items.store.js';
export {
  POLICIES_CHANGED,
  POLICIES_PROVISIONED,
  POLICY_PUBLISHED,
  POLICY_SET_CHANGED,
  type PoliciesChanged,
  type PoliciesProvisioned,
  type PolicyPublished,
  type PolicySetChanged,
} from './policies.events.js';
export { PoliciesModule } from './policies.module.js';
export { Policy } from './policy.entity.js';
export { PolicySetsReadModel } from './policy-sets.read-model.js';
export { PolicyTests } from './policy-tests.service.js';
export { PolicySetsService } from './policy-sets.service.js';
export { PolicySet, PolicySetItem } from './policy-set.entity.js';
export { PolicyVersion } from './policy-version.entity.js';
export { asAuthor } from './rego-compilers.js';
export { QuarantineService } from './quarantine.service.js';
export { ProvisioningService } from './provisioning.service.js';
