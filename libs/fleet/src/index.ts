export { AgentCredential } from './agent-credential.entity.js';
export { passAllTicks, takeTick } from './cluster-clock.store.js';
export { Cluster } from './cluster.entity.js';
export { requireCluster } from './cluster.store.js';
export { ClustersService, ENROLLMENT_MINUTES, type NewEnrollment } from './clusters.service.js';
export { connectionAt, connectionThen, DISCONNECTED_AFTER_MS, STALE_AFTER_MS } from './connection.rules.js';
export { EnrollmentService, type AgentPrincipal } from './enrollment.service.js';
export { Enrollment } from './enrollment.entity.js';
export {
  CLUSTER_CHANGED,
  CLUSTER_REMOVED,
  type ClusterChanged,
  INVENTORY_CHANGED,
  INVENTORY_LISTED,
  type InventoryChanged,
} from './fleet.events.js';
export { FleetModule } from './fleet.module.js';
export { FleetReadModel } from './fleet.read-model.js';
export { InventoryService } from './inventory.service.js';
export { unpackBody } from './inventory.store.js';
export { ObjectsReadModel } from './objects.read-model.js';
export { Mailbox } from './mailbox.service.js';
export { SignsOfLife } from './signs-of-life.service.js';
