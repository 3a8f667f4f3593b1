import { EmbeddedPostgres } from '../embedded-postgres.js';

/** A process that holds an embedded Postgres until it is ended: argv[2] is the data folder. */
const server = await EmbeddedPostgres.start({ dataDir: process.argv[2] ?? '', durable: false });
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.send?.({ pid: server.pid });
