import { FakeComments, FakeProvider, type SeenStatus } from './fake-provider.js';
import {
  deliveryName,
  nameOf,
  hmacOf,
  TOKEN,
  ZEROS,
  type Delivery,
  type ProviderDriver,
  type ProviderFake,
} from './provider-driver.js';

const STATES = new Set(['pending', 'success', 'error', 'failure', 'warning']);

/** As Gitea's own swagger describes statuses and issue comments. */
export class FakeGitea implements ProviderFake {
  readonly api = new FakeProvider(({ authorization }) => authorization === `token ${TOKEN}`);
  readonly mergeBases = new Map<string, string>();
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
    api.on('GET', comments, ({ query }, pull = '') =>
      query.get('page') === '1' ? this.comments.list(pull, query) : { status: 200, body: [] },
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

export const giteaDriver: ProviderDriver = {
  name: 'gitea',
  states: { pending: 'pending', success: 'success', warning: 'warning', failure: 'failure', error: 'error' },
  pullRef: ({ number }) => `refs/pull/${number}/head`,
  push: ({ branch, before, after }) =>
    after === null
      ? delivery('delete', { ref: branch, ref_type: 'branch' })
      : delivery('push', { ref: `refs/heads/${branch}`, before: before ?? ZEROS, after }),
  pull: ({ action, number, head, headBranch, base, baseBranch, from, into }) =>
    delivery('pull_request', {
      action: { opened: 'opened', closed: 'closed', retitled: 'edited' }[action],
      number,
      pull_request: {
        merge_base: base,
        head: { sha: head, ref: headBranch, repo: { clone_url: from, full_name: nameOf(from) } },
        base: { sha: base, ref: baseBranch, repo: { clone_url: into, full_name: nameOf(into) } },
      },
    }),
  star: () => delivery('issues', { action: 'opened' }),
  sign: ({ headers, body }, secret) => ({ headers: { ...headers, 'x-gitea-signature': hmacOf(body, secret) }, body }),
  fake: () => new FakeGitea(),
};
