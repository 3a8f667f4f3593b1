import { pino } from 'pino';
import { uuidV7, type Clock, type Scope } from '#kernel';
import { Database, EventHandlers, OutboxSink, Queues } from '#platform';
import { getMetadataArgsStorage } from 'typeorm';
import { TestDatabase } from './test-database.js';

/** What a feature's stores and services are built on in their own tests: a real database, real queues. */
export class TestFeatures {
  private constructor(
    readonly testDatabase: TestDatabase,
    readonly database: Database,
    readonly queues: Queues,
    readonly handlers: EventHandlers,
  ) {}

  /** @param clock moves the platform's time; Postgres's own where there is none */
  static async start(clock?: Clock): Promise<TestFeatures> {
    const testDatabase = await TestDatabase.create();
    const handlers = new EventHandlers();
    const queues = new Queues({ postgresUrl: testDatabase.logins.queueUrl }, () => undefined);
    const database = new Database({
      url: testDatabase.logins.applicationUrl,
      entities: getMetadataArgsStorage().tables.map((table) => table.target as new () => object),
      poolSize: 6,
      sinks: [new OutboxSink(handlers, queues, () => undefined)],
      ...(clock && { clock }),
      onAfterCommitError: (error) => {
        throw error;
      },
    });
    await database.connect();
    return new TestFeatures(testDatabase, database, queues, handlers);
  }

  /**
   * Makes an organization: only its row and its entry in the directory.
   * @param slug its slug
   * @returns the scope to act in it
   */
  async organization(slug: string): Promise<Scope> {
    const orgId = uuidV7(Date.now());
    const scope: Scope = { orgId, actor: { type: 'system', id: 'test' }, reason: 'test' };
    await this.database.run(scope, async (tx) => {
      await tx.query('select directory.add_organization($1, $2)', [slug, tx.now]);
      await tx.query(`insert into app.organization (org_id, slug, name, created_at) values ($1, $2, $2, $3)`, [
        orgId,
        slug,
        tx.now,
      ]);
    });
    return scope;
  }

  async stop(): Promise<void> {
    await this.queues.close();
    await this.database.close();
    await this.testDatabase.drop();
  }
}

/** A logger that keeps silent. */
export const silentLogger = pino({ level: 'silent' });
