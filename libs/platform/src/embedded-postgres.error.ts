/** Postgres could not be started; the message says why and the way out. */
export class EmbeddedPostgresError extends Error {}
