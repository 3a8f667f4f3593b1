export { complianceRows } from './compliance-columns.rules.js';
export { ComplianceModule } from './compliance.module.js';
export { ComplianceReadModel } from './compliance.read-model.js';
export { complianceOf, type CheckCounts, type ClusterState, type ObjectCounts } from './compliance.rules.js';
export { CountDays } from './count-days.service.js';
export { TimelineReadModel } from './timeline.read-model.js';
export { violationIntervalRow, violationRow } from './violation-columns.rules.js';
export { ViolationsExportReadModel } from './violations-export.read-model.js';
export { ViolationsReadModel } from './violations.read-model.js';
