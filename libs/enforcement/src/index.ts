export { Binding, BindingTrigger } from './binding.entity.js';
export { loadBindings } from './bindings.read-model.js';
export { numberChecks } from './checks.store.js';
export { createDefaultBinding, SYSTEM_NAMESPACES } from './default-binding.js';
export { EnforcementModule } from './enforcement.module.js';
export { Target } from './target.entity.js';
export { Trigger } from './trigger.entity.js';
