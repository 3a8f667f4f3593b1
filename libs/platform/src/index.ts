export * from './conditions.js';
export * from './config.js';
export { CredentialAttempts, TooManyAttempts } from './credential-attempts.js';
export * from './database.js';
export * from './database-logins.js';
export * from './embedded-database.js';
export * from './embedded-postgres.js';
export * from './events.js';
export { findEmbeddedServer, type FoundServer } from './embedded-postgres.find.js';
export { EmbeddedPostgresError } from './embedded-postgres.error.js';
export { ExpiredRows } from './expired-rows.js';
export { HistoryPartitions } from './history-partitions.js';
export * from './idempotency.rules.js';
export * from './idempotency.store.js';
export { refuseInUse } from './in-use.js';
export * from './inspection.js';
export * from './inspection-logins.js';
export * from './inspection-protection.js';
export * from './inspection-queues.js';
export * from './inspection-schema.js';
export * from './installation-key.js';
export { emitLive, LIVE_CHANNEL, LiveEvents, type LiveRead, type PlacedEvent } from './live-events.js';
export { isAfter, parsePosition, positionText, type LivePosition } from './live-position.rules.js';
export * from './logger.js';
export { runMain, tracingOptions } from './main-process.js';
export * from './migrate.js';
export { migrateQueues, QUEUE_CONNECTIONS, Queues, type QueueBackend, type QueueName } from './queues.js';
export {
  OutboundFailed,
  OutboundHttp,
  OutboundRefused,
  type OutboundAnswer,
  type OutboundPlace,
  type OutboundRequest,
} from './outbound-http.js';
export { SecretBox, SecretUnreadable } from './secret-box.js';
export * from './sql-errors.js';
export * from './platform.module.js';
export * from './problem.filter.js';
export { RateLimits } from './rate-limits.js';
export { DEFAULT_RATES, type RateClass, type RateSettings, type Standing } from './rate-limits.rules.js';
export { PostgresRateWindows, RedisRateWindows, WINDOW_SECONDS, type RateWindows } from './rate-windows.store.js';
export * from './revision.js';
export * from './schema.pipe.js';
export * from './telemetry.js';
export * from './transaction.js';
export { WakeUps } from './wake-ups.js';
