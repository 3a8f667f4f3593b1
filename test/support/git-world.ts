import { createHmac } from 'node:crypto';
import { FakeClock, requirePublicId, systemScope } from '#kernel';
import type { CreatedGitSource, GitCheckDetail, GitSourceShape, HookAnswer } from '#contracts';
import { GitWork } from '#git';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { GitServer } from './git-server.js';
import type { TestAnswer } from './test-client.js';
import { TestPlatform } from './test-platform.js';

export const SECRET = 'a-secret-of-the-hook';

/** A pod that `no-latest-tag` finds wrong, unless it has a tag. */
export const aPod = (name: string, image = 'nginx'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n  containers:\n    - name: app\n      image: ${image}\n`;

const CONTRADICTION = `package own

word := "one" if input.review.object.kind == "Pod"

word := "other" if input.review.object.metadata.name != ""

violation contains {"path": "metadata.name", "found": word, "expected": "a word", "message": word}
`;

/** A platform, a git server, and a binding that pushes to `acme/*` trigger. */
export class GitWorld {
  private constructor(
    readonly platform: TestPlatform,
    readonly git: GitServer,
    readonly clock: FakeClock,
    private readonly orgId: string,
  ) {}

  /** @param settings further ones of the platform */
  static async start(settings: object = {}): Promise<GitWorld> {
    const clock = new FakeClock(Date.UTC(2026, 10, 29, 12));
    const platform = await TestPlatform.start({
      clock,
      outboundAllow: ['127.0.0.0/8'],
      publicUrl: 'https://bylaw.example.com',
      ...settings,
    });
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    const git = await GitServer.start();
    git.create('acme/shop');
    const world = new GitWorld(platform, git, clock, orgId);
    await world.bind();
    return world;
  }

  /** Forgets all sources, and what is in the repository: as it was at first, a minute later. */
  async fresh(): Promise<void> {
    const { owner } = this.platform;
    const { items } = made<{ items: { id: string }[] }>(await owner.get('/api/v1/git-sources'));
    for (const { id } of items) await owner.delete(`/api/v1/git-sources/${id}`);
    this.git.reset();
    this.git.create('acme/shop');
    this.clock.advance(60_000);
  }

  /** Says how strict the one policy is from now on. */
  async enforce(enforcement: 'warn' | 'deny'): Promise<void> {
    const { owner } = this.platform;
    const { items } = made<{ items: { id: string }[] }>(await owner.get('/api/v1/bindings'));
    for (const { id } of items) made(await owner.patch(`/api/v1/bindings/${id}`, { enforcement }));
  }

  /**
   * Does something while a policy that denies gives no judgement of any pod: two of its rules contradict each other.
   * @param work what is done then
   */
  async whileOneFails(work: () => Promise<void>): Promise<void> {
    const { owner } = this.platform;
    const about = { slug: 'contradicts-itself', title: 'Contradicts itself', category: 'security', severity: 'low' };
    const policy = made<{ id: string }>(
      await owner.post('/api/v1/policies', { ...about, kinds: ['Pod'], rego: CONTRADICTION }),
    );
    made(await owner.post(`/api/v1/policies/${policy.id}/publish`));
    const { items } = made<{ items: { target_id: string; trigger_ids: string[] }[] }>(
      await owner.get('/api/v1/bindings'),
    );
    const [{ target_id, trigger_ids } = { target_id: '', trigger_ids: [] }] = items;
    const binding = made<{ id: string }>(
      await owner.post('/api/v1/bindings', {
        name: 'contradicts itself',
        policies: [{ policy: policy.id }],
        target_id,
        trigger_ids,
        enforcement: 'deny',
      }),
    );
    try {
      await work();
    } finally {
      made(await owner.delete(`/api/v1/bindings/${binding.id}`));
    }
  }

  /** Does something while somebody is in the middle of writing to a source. */
  async whileWritten(sourceId: string, work: () => Promise<void>): Promise<void> {
    await this.platform.app.get(Database).run(systemScope(this.orgId, 'test'), async (tx) => {
      await tx.query('update app.git_source set detail = null where org_id = $1 and source_id = $2', [
        this.orgId,
        requirePublicId('gitSource', sourceId),
      ]);
      await work();
    });
  }

  async stop(): Promise<void> {
    await this.platform.stop();
    await this.git.stop();
  }

  /** Makes a source of `acme/shop`. */
  async source(more: Record<string, unknown> = {}): Promise<CreatedGitSource> {
    const body = { name: 'shop', provider: 'git', url: this.git.url('acme/shop'), webhook_secret: SECRET, ...more };
    return made<CreatedGitSource>(await this.platform.owner.post('/api/v1/git-sources', body));
  }

  async sourceNow(id: string): Promise<GitSourceShape> {
    return made<GitSourceShape>(await this.platform.owner.get(`/api/v1/git-sources/${id}`));
  }

  /** Tells of a push as plain git does, signed. */
  async push(sourceId: string, ref: string, after: string | null, before: string | null = null): Promise<HookAnswer> {
    return (await this.deliver(sourceId, { ref: `refs/heads/${ref}`, after, before })).body as HookAnswer;
  }

  /** Sends a body as plain git does, signed unless headers say otherwise; each comes a second after the last. */
  async deliver(sourceId: string, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
    this.clock.advance(1_000);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.platform
      .client()
      .send('POST', `/api/v1/hooks/git/${sourceId}`, text, { 'x-bylaw-signature': signed(text), ...headers });
  }

  /** Does all that is to be done with repositories now. */
  async settle(): Promise<void> {
    while (await this.work.executeNext(systemScope(this.orgId, 'test')));
  }

  /** Does one piece of it. */
  async step(): Promise<boolean> {
    return this.work.executeNext(systemScope(this.orgId, 'test'));
  }

  /** @returns all checks, the latest first, with what they found */
  async checks(query = ''): Promise<GitCheckDetail[]> {
    const { items } = made<{ items: { id: string }[] }>(await this.platform.owner.get(`/api/v1/git-checks${query}`));
    return Promise.all(
      items.map(async ({ id }) => made<GitCheckDetail>(await this.platform.owner.get(`/api/v1/git-checks/${id}`))),
    );
  }

  /** @returns the latest check */
  async latest(): Promise<GitCheckDetail> {
    const [first] = await this.checks('?limit=1');
    if (first === undefined) throw new Error('there is no check');
    return first;
  }

  private get work(): GitWork {
    return this.platform.app.get(GitWork);
  }

  /** In place of the default binding, so that one policy alone decides. */
  private async bind(): Promise<void> {
    const { owner } = this.platform;
    const { items } = made<{ items: { id: string }[] }>(await owner.get('/api/v1/bindings'));
    for (const { id } of items) await owner.delete(`/api/v1/bindings/${id}`);
    const target = made<{ id: string }>(
      await owner.post('/api/v1/targets', { name: 'repositories', repositories: ['acme/*'] }),
    );
    const trigger = made<{ id: string }>(await owner.post('/api/v1/triggers', { name: 'pushed', type: 'git-push' }));
    made(
      await owner.post('/api/v1/bindings', {
        name: 'pushes',
        policies: [{ policy: 'no-latest-tag' }],
        target_id: target.id,
        trigger_ids: [trigger.id],
        enforcement: 'deny',
      }),
    );
    made(await owner.patch('/api/v1/organization', { fail_on: 'critical' }));
  }
}

/** HMAC-SHA-256 under the hook's secret, as most providers write it. */
export function signed(text: string): string {
  return `sha256=${createHmac('sha256', SECRET).update(text).digest('hex')}`;
}

/** @returns a body that came with a good status */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function made<Body>({ status, body }: TestAnswer): Body {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body as Body;
}
