export { auditLogRow } from './audit-log-columns.rules.js';
export { AuditLogReadModel } from './audit-log.read-model.js';
export { AuditModule } from './audit.module.js';
export { AuditSink } from './audit-log.store.js';
export { AuditVerifyReadModel } from './audit-verify.read-model.js';
export { type ChangeLine, loadChanges } from './changes.query.js';
