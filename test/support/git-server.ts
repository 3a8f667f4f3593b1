import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a commit does to a path: its new content, a link, a submodule, or null where it goes. */
export type Change = string | Buffer | { link: string } | { submodule: string } | null;

const WHO = 'Tester <tester@example.com>';
const ENV = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** A git server on loopback: git's own `http-backend`, behind basic authentication. */
export class GitServer {
  /** Asked for by every request where there is one, as `user:password`. */
  credential: string | undefined;
  /** Takes requests and never answers them. */
  hangs = false;
  /** Bytes after which every answer breaks off. */
  breaksAfter = Infinity;
  /** Where every request is sent on to. */
  redirectTo: string | undefined;
  /** What every request asked for, and brought as its authorization. */
  readonly requests: { path: string; authorization: string | undefined }[] = [];
  private seconds = 1_700_000_000;
  private onRequest: (() => Promise<void>) | undefined;

  private constructor(
    private readonly root: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<GitServer> {
    const root = mkdtempSync(join(tmpdir(), 'bylaw-test-git-'));
    const server = createServer();
    const started = new GitServer(root, server);
    server.on('request', (request, response) => void started.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  url(name: string): string {
    return `${this.origin}/${name}.git`;
  }

  /**
   * Makes an empty repository whose default branch is `main`.
   * @param filters whether it leaves out what it is asked to leave out
   */
  create(name: string, filters = true): void {
    this.git(['init', '--quiet', '--bare', '--initial-branch=main', join(this.root, `${name}.git`)]);
    this.git(['-C', join(this.root, `${name}.git`), 'config', 'uploadpack.allowFilter', String(filters)]);
  }

  /**
   * Commits, onto what a ref points at unless something else is named.
   * @param ref a branch, or a ref whole
   * @returns the commit's name
   */
  commit(name: string, ref: string, changes: Record<string, Change>, onto?: string): string {
    const whole = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    const parent = onto ?? this.tip(name, whole);
    const parts: Buffer[] = [
      Buffer.from(`reset ${whole}\ncommit ${whole}\ncommitter ${WHO} ${++this.seconds} +0000\ndata 4\ntest\n`),
      Buffer.from(parent === undefined ? '' : `from ${parent}\n`),
      ...Object.entries(changes).flatMap(([path, change]) => changeOf(quoted(path), change)),
      Buffer.from('\n'),
    ];
    this.git(['-C', this.folder(name), 'fast-import', '--quiet', '--force', '--date-format=raw'], Buffer.concat(parts));
    return this.tip(name, whole) ?? '';
  }

  /** Points a ref somewhere; null takes it away. */
  point(name: string, ref: string, commit: string | null): void {
    const whole = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    this.git(['-C', this.folder(name), 'update-ref', ...(commit === null ? ['-d', whole] : [whole, commit])]);
  }

  /** Takes a repository away. */
  remove(name: string): void {
    rmSync(this.folder(name), { recursive: true });
  }

  /** Takes all repositories away, and is as it was at first. */
  reset(): void {
    for (const owner of readdirSync(this.root)) rmSync(join(this.root, owner), { recursive: true });
    this.credential = undefined;
    this.hangs = false;
    this.breaksAfter = Infinity;
    this.redirectTo = undefined;
    this.requests.length = 0;
    this.onRequest = undefined;
  }

  /** Something that happens while the next request waits. */
  beforeNext(work: () => Promise<void>): void {
    this.onRequest = work;
  }

  /** Lets go of what it holds. */
  stopHolding(): void {
    this.server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.root, { recursive: true, force: true });
  }

  private folder(name: string): string {
    return join(this.root, `${name}.git`);
  }

  private tip(name: string, ref: string): string | undefined {
    const { status, stdout } = spawnSync('git', ['-C', this.folder(name), 'rev-parse', '--verify', '--quiet', ref], {
      encoding: 'utf8',
      env: ENV,
    });
    return status === 0 ? stdout.trim() : undefined;
  }

  private git(args: string[], input?: Buffer): void {
    const { status, stderr } = spawnSync('git', args, { env: ENV, ...(input && { input }) });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.toString()}`);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push({ path: request.url ?? '', authorization: request.headers.authorization });
    const work = this.onRequest;
    this.onRequest = undefined;
    await work?.();
    if (this.hangs) return;
    if (this.redirectTo !== undefined) {
      response.writeHead(302, { location: `${this.redirectTo}/info/refs?service=git-upload-pack` }).end();
      return;
    }
    const right =
      this.credential === undefined ? undefined : `Basic ${Buffer.from(this.credential).toString('base64')}`;
    if (right !== undefined && request.headers.authorization !== right) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    this.backend(request, response);
  }

  private backend(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { headers } = request;
    const child = spawn('git', ['http-backend'], {
      env: {
        ...ENV,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        REMOTE_ADDR: '127.0.0.1',
        CONTENT_TYPE: headers['content-type'] ?? '',
        ...(headers['content-length'] && { CONTENT_LENGTH: headers['content-length'] }),
        ...(headers['content-encoding'] && { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
        GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(child.stdin);
    child.stdin.on('error', () => undefined);
    passOn(child.stdout, response, this.breaksAfter);
    response.on('close', () => child.kill('SIGKILL'));
  }
}

/** What a CGI program writes: headers, an empty line, the body. */
function passOn(output: NodeJS.ReadableStream, response: ServerResponse, breaksAfter: number): void {
  let head = Buffer.alloc(0);
  let begun = false;
  let bytes = 0;
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > breaksAfter) {
      response.destroy();
      return;
    }
    if (begun) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const lines = head.subarray(0, end).toString('latin1').split('\r\n');
    const fields = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
    const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== 'Status')));
    response.write(head.subarray(end + 4));
    begun = true;
  });
  output.on('end', () => response.end());
}

function changeOf(path: string, change: Change): Buffer[] {
  if (change === null) return [Buffer.from(`D ${path}\n`)];
  if (typeof change === 'object' && 'submodule' in change)
    return [Buffer.from(`M 160000 ${change.submodule} ${path}\n`)];
  const link = typeof change === 'object' && 'link' in change;
  const content = link ? Buffer.from(change.link) : Buffer.from(change as string);
  const mode = link ? '120000' : '100644';
  return [Buffer.from(`M ${mode} inline ${path}\ndata ${content.length}\n`), content, Buffer.from('\n')];
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
