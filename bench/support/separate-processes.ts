import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { generateCredential, uuidV7 } from '#kernel';
import { EmbeddedPostgres } from '#platform';
import { eventually } from '#testing';
import { freePort, Restarted } from '../../test/support/deployment.js';
import { TestClient } from '../../test/support/test-client.js';

const READY_WITHIN_MS = 60_000;
const mainOf = (app: string): string => fileURLToPath(new URL(`../../apps/${app}/src/main.js`, import.meta.url));

/** A durable Postgres, one API and one worker, each a process that can be measured and killed by itself. */
export class SeparateProcesses {
  private constructor(
    readonly url: string,
    readonly owner: TestClient,
    readonly api: Restarted,
    readonly worker: Restarted,
    readonly postgres: EmbeddedPostgres,
    private readonly looking: pg.Client,
    private readonly root: string,
  ) {}

  static async start(): Promise<SeparateProcesses> {
    const root = mkdtempSync(join(tmpdir(), 'bylaw-bench-'));
    // Where this runs as root, Postgres runs as somebody else, who has to get here.
    chmodSync(root, 0o711);
    const postgres = await EmbeddedPostgres.start({ dataDir: join(root, 'postgres') });
    const port = await freePort();
    const key = generateCredential('api_key', uuidV7(Date.now()));
    const env = {
      DATABASE_URL: postgres.superuserUrl,
      BYLAW_SECRET_KEY: randomBytes(32).toString('base64'),
      BYLAW_INIT_API_KEY: key,
      LOG_LEVEL: 'warn',
      PORT: String(port),
    };
    const begin = (app: string): Restarted =>
      new Restarted(app, [mainOf(app)], { ...env, BYLAW_DATA_DIR: join(root, app) });
    const url = `http://127.0.0.1:${port}`;
    const started = new SeparateProcesses(
      url,
      new TestClient(url, key),
      begin('api'),
      begin('worker'),
      postgres,
      new pg.Client({ connectionString: postgres.superuserUrl }),
      root,
    );
    await started.looking.connect();
    await started.untilReady();
    return started;
  }

  /** Until the API answers. */
  async untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      const answer = await this.owner.get('/readyz').catch(() => undefined);
      return answer?.status === 200;
    };
    await eventually(isReady, 'the API to be ready', READY_WITHIN_MS);
  }

  /** Asks for the rows of every organization. */
  async query<Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.looking.query<Row>(sql, parameters)).rows;
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.api.stop();
    await this.looking.end();
    await this.postgres.stop();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
