export { AuditLogReadModel } from './audit-log.read-model.js';
export { AuditModule } from './audit.module.js';
export { chainHash, GENESIS, type AuditLine } from './audit-chain.rules.js';
export { AuditSink } from './audit-log.store.js';
export { type ChangeLine, loadChanges } from './changes.query.js';
