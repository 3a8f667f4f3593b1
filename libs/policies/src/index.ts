export { BuiltInLibrary, builtInPolicyId, builtInSetId } from './built-in-library.js';
export { PoliciesReadModel } from './policies.read-model.js';
export {
  POLICIES_CHANGED,
  POLICIES_PROVISIONED,
  type PoliciesChanged,
  type PoliciesProvisioned,
} from './policies.events.js';
export { PoliciesModule } from './policies.module.js';
export { Policy } from './policy.entity.js';
export { PolicySet, PolicySetItem } from './policy-set.entity.js';
export { PolicyVersion } from './policy-version.entity.js';
export { ProvisioningService } from './provisioning.service.js';
