export { Binding, BindingItemRow, BindingTrigger } from './binding.entity.js';
export { BindingsReadModel } from './bindings.read-model.js';
export { BindingsService } from './bindings.service.js';
export { loadBoundRelations } from './bound-relations.read-model.js';
export { numberChecks } from './checks.store.js';
export { createDefaultBinding, SYSTEM_NAMESPACES } from './default-binding.js';
export { type DueBinding, takeDueTriggers } from './due-triggers.store.js';
export { conditionsOfPolicies, loadBindings, type TriedVersion } from './effective-bindings.read-model.js';
export { ENFORCEMENT_CHANGED, type EnforcementChanged } from './enforcement.events.js';
export { EnforcementModule } from './enforcement.module.js';
export {
  convertBindings,
  type ConvertedDocument,
  type ConvertedSet,
  type ForeignBinding,
} from './import-bindings.rules.js';
export { ImportBindings } from './import-bindings.service.js';
export type { WrittenBindings } from './import-bindings.store.js';
export type { ConvertedBinding, ConvertedBindings } from './import-conversion.js';
export { writeSets } from './import-sets.store.js';
export { Target } from './target.entity.js';
export { TargetsReadModel } from './targets.read-model.js';
export { TargetsService } from './targets.service.js';
export { Trigger } from './trigger.entity.js';
export { TriggersReadModel } from './triggers.read-model.js';
export { TriggersService } from './triggers.service.js';
