import { FakeComments, FakeProvider, pageOf, type SeenStatus } from './fake-provider.js';
import {
  deliveryName,
  nameOf,
  hmacOf,
  TOKEN,
  ZEROS,
  type Delivery,
  type ProviderDriver,
  type ProviderFake,
  type TestPull,
} from './provider-driver.js';

const STATES = new Set(['pending', 'success', 'error', 'failure', 'warning']);

/** As Gitea's own swagger describes statuses, pull requests and issue comments. */
export class FakeGitea implements ProviderFake {
  readonly api = new FakeProvider(({ authorization }) => authorization === `token ${TOKEN}`);
  readonly mergeBases = new Map<string, string>();
  readonly open: TestPull[] = [];
  readonly comments = new FakeComments();
  private readonly set: (SeenStatus & { commit: string })[] = [];

  constructor() {
    const { api } = this;
    api.on('POST', '/repos/acme/shop/statuses/:', ({ body }, commit = '') => {
      const { state = '', context = '', target_url: link = '', description = '' } = body as Record<string, string>;
      if (!STATES.has(state)) return { status: 422, body: { message: 'invalid state' } };
      this.set.push({ commit, state, context, link, description });
      return { status: 201, body: {} };
    });
    const comments = '/repos/acme/shop/issues/:/comments';
    // All of them come at once: there are no pages.
    api.on('GET', comments, (_call, pull = '') =>
      this.comments.list(pull, new URLSearchParams({ limit: '100' }), 'limit'),
    );
    api.on('GET', '/repos/acme/shop/pulls', ({ query }) =>
      query.get('state') === 'open' && query.get('sort') === 'recentupdate'
        ? pageOf(this.open.map(pullShape), query, 50, 'limit')
        : { status: 422, body: { message: 'invalid' } },
    );
    api.on('POST', comments, ({ body }, pull = '') =>
      this.comments.create(pull, String((body as { body: string }).body)),
    );
    api.on('PATCH', '/repos/acme/shop/issues/comments/:', ({ body }, id = '') =>
      this.comments.change(id, String((body as { body: string }).body)),
    );
  }

  readonly findsInPushes = false;

  statuses(commit: string): SeenStatus[] {
    return this.set.filter((one) => one.commit === commit);
  }

  passes(): boolean {
    return false;
  }

  findings(_commit: string, pull: number): string[] {
    return this.comments.of(pull);
  }
}

function delivery(event: string, body: object): Delivery {
  return {
    headers: { 'x-gitea-event': event, 'x-gitea-delivery': deliveryName(), 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, sender: { login: 'octocat' }, repository: { updated_at: deliveryName() } }),
  };
}

function pullShape({ number, head, headBranch, base, baseBranch, from, into }: TestPull): object {
  return {
    number,
    state: 'open',
    user: { login: 'octocat' },
    merge_base: base,
    head: { sha: head, ref: headBranch, repo: { clone_url: from, full_name: nameOf(from) } },
    base: { sha: base, ref: baseBranch, repo: { clone_url: into, full_name: nameOf(into) } },
  };
}

export const giteaDriver: ProviderDriver = {
  name: 'gitea',
  states: { pending: 'pending', success: 'success', warning: 'warning', failure: 'failure', error: 'error' },
  pullRef: ({ number }) => `refs/pull/${number}/head`,
  push: ({ branch, before, after }) =>
    after === null
      ? delivery('delete', { ref: branch, ref_type: 'branch' })
      : delivery('push', { ref: `refs/heads/${branch}`, before: before ?? ZEROS, after }),
  pull: (pull) =>
    delivery('pull_request', {
      action: { opened: 'opened', closed: 'closed', retitled: 'edited' }[pull.action],
      number: pull.number,
      pull_request: pullShape(pull),
    }),
  star: () => delivery('issues', { action: 'opened' }),
  sign: ({ headers, body }, secret) => ({ headers: { ...headers, 'x-gitea-signature': hmacOf(body, secret) }, body }),
  fake: () => new FakeGitea(),
};
