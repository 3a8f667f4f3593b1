import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { generateCredential, uuidV7 } from '#kernel';
import { EmbeddedPostgres } from '#platform';
import { eventually } from '#testing';
import { Balancer } from './balancer.js';
import { RedisServer } from './redis-server.js';
import { TestClient } from './test-client.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CLI = join(ROOT, 'dist', 'apps', 'cli', 'src', 'main.js');
const READY_WITHIN_MS = 60_000;

interface ComposeService {
  command: string[];
  environment: Record<string, string>;
  deploy: { replicas: number };
}

/** Exit code, or the signal that a process ended by. */
type End = number | NodeJS.Signals | null;

/** A process that is started again whenever it ends, as `restart: unless-stopped` does. */
export class Restarted {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  said = '';

  constructor(
    readonly name: string,
    private readonly args: readonly string[],
    private readonly env: Record<string, string>,
  ) {
    this.launch();
  }

  /** Of the process that there is now. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Ends it as a fault would. */
  kill(): void {
    this.child?.kill('SIGKILL');
  }

  /** Asks it to end, and waits until it has; it is not started again. */
  async stop(): Promise<End> {
    this.stopped = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? child?.signalCode ?? null;
    const ended = new Promise<End>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const end = await ended;
    clearTimeout(timer);
    return end;
  }

  private launch(): void {
    const plain = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(BYLAW_|DATABASE_|REDIS_|LOG_|OTEL_|PORT$)/.test(name)),
    );
    const child = spawn(process.execPath, this.args, {
      cwd: ROOT,
      env: { ...plain, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-20_000)));
    child.once('exit', () => {
      if (!this.stopped) this.timer = setTimeout(() => this.launch(), 200);
    });
  }
}

/** Bylaw as docker-compose.yml has it: its commands, environment and numbers of replicas, on loopback. */
export class Deployment {
  readonly root = mkdtempSync(join(tmpdir(), 'bylaw-deployment-'));
  readonly apis: Restarted[] = [];
  readonly workers: Restarted[] = [];
  readonly agents: Restarted[] = [];
  private postgres: EmbeddedPostgres | undefined;
  private redisServer: RedisServer | undefined;
  private balancer: Balancer | undefined;
  private readonly key = generateCredential('api_key', uuidV7(Date.now()));

  /** @param settings further variables of every process */
  constructor(private readonly settings: Record<string, string> = {}) {
    // Where the tests run as root, Postgres runs as somebody else, who has to get here.
    chmodSync(this.root, 0o711);
  }

  /** Starts everything; the APIs at the same moment, over an empty database. */
  async start(): Promise<void> {
    const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: { api: ComposeService; worker: ComposeService };
    };
    await this.startPostgres();
    this.redisServer = await RedisServer.start();
    const secret = randomBytes(32).toString('base64');
    const shared = {
      REDIS_URL: this.redis.url,
      BYLAW_SECRET_KEY: secret,
      BYLAW_INIT_API_KEY: this.key,
      LOG_LEVEL: 'warn',
    };
    const ports: number[] = [];
    const begin = (list: Restarted[], name: string, { command, environment, deploy }: ComposeService): void => {
      for (let n = 0; n < deploy.replicas; n++) {
        const port = name === 'api' ? (ports[n] ?? 0) : 0;
        const own = {
          DATABASE_URL: this.postgresUrl,
          BYLAW_DATA_DIR: join(this.root, `${name}-${n}`),
          PORT: String(port),
          // Two on one machine, where containers have a port each.
          BYLAW_WORKER_PORT: '0',
        };
        const unset = Object.keys(environment).filter((variable) => !(variable in { ...shared, ...own }));
        const env = {
          ...Object.fromEntries(unset.map((variable) => [variable, defaultOf(environment[variable] ?? '')])),
          ...shared,
          ...own,
          ...this.settings,
        };
        list.push(new Restarted(`${name}-${n}`, command.slice(1), env));
      }
    };
    for (let n = 0; n < services.api.deploy.replicas; n++) ports.push(await freePort());
    this.balancer = await Balancer.start(ports);
    begin(this.apis, 'api', services.api);
    begin(this.workers, 'worker', services.worker);
    await eventually(
      async () => (await this.owner.get('/readyz')).status === 200,
      'the APIs to be ready',
      READY_WITHIN_MS,
    );
  }

  get redis(): RedisServer {
    if (this.redisServer === undefined) throw new Error('the deployment was not started');
    return this.redisServer;
  }

  /** The owner, through the balancer. */
  get owner(): TestClient {
    return new TestClient(this.balancer?.url ?? '', this.key);
  }

  /** Registers a cluster and starts the real agent over a folder of manifests. */
  async addAgent(name: string): Promise<void> {
    mkdirSync(join(this.root, name), { recursive: true });
    const made = await eventually(async () => {
      const answer = await this.owner.post('/api/v1/clusters', { name });
      return answer.status === 201 && answer;
    }, 'the cluster to be registered');
    const { token } = (made.body as { enrollment: { token: string } }).enrollment;
    const args = ['agent', '--server', this.balancer?.url ?? '', '--token', token];
    this.agents.push(
      new Restarted(
        `agent-${name}`,
        [CLI, ...args, '--manifests', join(this.root, name), '--state', join(this.root, `${name}-state`)],
        this.settings,
      ),
    );
  }

  /** Ends Postgres as a fault would, and starts it again. */
  async crashPostgres(): Promise<void> {
    const { postgres } = this;
    if (postgres === undefined) return;
    postgres.lost.catch(() => undefined);
    process.kill(postgres.pid, 'SIGKILL');
    await eventually(async () => postgres.hasEnded, 'Postgres to end');
    await postgres.stop();
    await this.startPostgres();
  }

  /** Writes a file below the folder. @returns its absolute path */
  write(path: string, text: string): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Superuser's connection to the database. */
  databaseUrl(): string {
    return this.postgresUrl;
  }

  /** What every process said last, for who looks for a reason. */
  said(): string {
    return [...this.apis, ...this.workers, ...this.agents].map(({ name, said }) => `== ${name}\n${said}`).join('\n');
  }

  /** Ends everything in the order of a shutdown. @returns how APIs and workers ended */
  async stop(): Promise<End[]> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    const ends = await Promise.all([...this.workers, ...this.apis].map((one) => one.stop()));
    await this.balancer?.close();
    await this.redisServer?.stop();
    await this.postgres?.stop();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    return ends;
  }

  /** The image's own login is a superuser, as the one of docker-compose.yml is. */
  private get postgresUrl(): string {
    return this.postgres?.superuserUrl ?? '';
  }

  private async startPostgres(): Promise<void> {
    const dataDir = join(this.root, 'postgres');
    // Always on the same port: nobody's DATABASE_URL changes because a server was started again.
    this.postgresPort ??= await freePort();
    this.postgres = await EmbeddedPostgres.start({ dataDir, durable: false, port: this.postgresPort });
  }

  private postgresPort: number | undefined;
}

/** `${NAME:-default}` as compose reads it. */
function defaultOf(text: string): string {
  return text.replace(/\$\{[A-Z_]+(?::-([^}]*))?\}/g, (_all, fallback?: string) => fallback ?? '');
}

/** @returns a port of loopback that nobody had a moment ago */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
