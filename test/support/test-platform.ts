import type { NestExpressApplication } from '@nestjs/platform-express';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCredential, systemScope, uuidV7, type Clock } from '#kernel';
import { Database, OutboxDelivery, readConfig, type Config, type PlatformOptions } from '#platform';
import { RunsService } from '#evaluation';
import { OrganizationsDirectory } from '#tenancy';
import { silentLogger, TEST_KEY, TestDatabase } from '#testing';
import { createApi } from '../../apps/api/src/create-api.js';
import { firstStart } from '../../apps/api/src/first-start.js';
import { WorkerModule } from '../../apps/worker/src/worker.module.js';
import { WorkerService } from '../../apps/worker/src/worker.service.js';
import { TestClient } from './test-client.js';

type Settings = Partial<
  Pick<PlatformOptions, 'rates' | 'redisUrl' | 'trustProxy' | 'logger' | 'outboundAllow' | 'publicUrl'>
>;

/** API and worker in this process, over a database of the test's own, on a port of its own. */
export class TestPlatform {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    /** Owner and operator of the first organization, `acme`. */
    readonly owner: TestClient,
    readonly database: TestDatabase,
    private readonly dataDir: string,
    private readonly isReplica: boolean,
  ) {}

  /**
   * @param options `clock` moves the platform's time; `worker` serves by itself, else `settle()` does the work; `beside`:
   *   a further replica over that platform's database; the rest is the platform's own
   */
  static async start(
    options: { clock?: Clock; worker?: boolean; beside?: TestPlatform } & Settings = {},
  ): Promise<TestPlatform> {
    const { worker, beside, ...settings } = options;
    const database = beside?.database ?? (await TestDatabase.create());
    const dataDir = mkdtempSync(join(tmpdir(), 'bylaw-platform-'));
    const key = beside?.owner.key ?? generateCredential('api_key', uuidV7(Date.now()));
    const config: Config = { ...readConfig({ BYLAW_DATA_DIR: dataDir, BYLAW_INIT_API_KEY: key }, false), port: 0 };
    const app = await createApi(
      {
        ...database.logins,
        installationKey: TEST_KEY,
        logger: silentLogger,
        poolSize: 6,
        ...settings,
      },
      '0.0.0-test',
      [WorkerModule],
    );
    await firstStart(app, config);
    await app.listen(0, '127.0.0.1');
    if (worker === true) app.get(WorkerService).start();
    const { port } = app.getHttpServer().address() as { port: number };
    const url = `http://127.0.0.1:${port}`;
    return new TestPlatform(app, url, new TestClient(url, key), database, dataDir, beside !== undefined);
  }

  /** @returns a client with that key, or with none */
  client(key?: string): TestClient {
    return new TestClient(this.url, key);
  }

  /**
   * Makes a second organization.
   * @returns its owner
   */
  async stranger(slug = 'globex'): Promise<TestClient> {
    const { body } = await this.owner.post('/api/v1/organizations', { slug, name: slug });
    return new TestClient(this.url, String((body as { key: string }).key));
  }

  /** Delivers every event and carries out every run that waits, until nothing is left: what the worker does. */
  async settle(): Promise<void> {
    const organizations = this.app.get(OrganizationsDirectory);
    for (;;) {
      const work = (await organizations.dangerouslyFindWork(new Date())).filter(({ events, runs }) => events || runs);
      if (work.length === 0) return;
      for (const { orgId, events } of work) {
        const scope = systemScope(orgId, 'test');
        if (events) await this.app.get(OutboxDelivery).deliver(scope);
        else await this.app.get(RunsService).executeNext(scope);
      }
    }
  }

  /** Asks the first organization's rows directly: for what no route shows. */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const [orgId = ''] = await this.app.get(OrganizationsDirectory).dangerouslyListAll();
    return this.app.get(Database).run(systemScope(orgId, 'test'), (tx) => tx.query<Row>(sql, parameters));
  }

  async stop(): Promise<void> {
    await this.app.close();
    if (!this.isReplica) await this.database.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
