import { FakeComments, FakeProvider, pageOf, type SeenStatus } from './fake-provider.js';
import {
  deliveryName,
  nameOf,
  TOKEN,
  ZEROS,
  type Delivery,
  type ProviderDriver,
  type ProviderFake,
  type TestPull,
} from './provider-driver.js';

const STATES = new Set(['pending', 'running', 'success', 'failed', 'canceled', 'skipped']);

/** As https://docs.gitlab.com/api describes commit statuses, merge requests, their notes and merge bases. */
export class FakeGitlab implements ProviderFake {
  readonly api = new FakeProvider(({ 'private-token': token }) => token === TOKEN);
  readonly mergeBases = new Map<string, string>();
  readonly open: TestPull[] = [];
  readonly notes = new FakeComments();
  private readonly set: (SeenStatus & { commit: string })[] = [];

  constructor() {
    const { api } = this;
    api.on('GET', '/projects/acme%2Fshop/repository/merge_base', ({ query }) => {
      const [base = '', head = ''] = query.getAll('refs[]');
      const id = this.mergeBases.get(`${base} ${head}`);
      return id === undefined ? { status: 404, body: { message: '404 Not found' } } : { status: 200, body: { id } };
    });
    api.on('POST', '/projects/acme%2Fshop/statuses/:', ({ body }, commit = '') =>
      this.setStatus(commit, body as Record<string, string>),
    );
    api.on('GET', '/projects/acme%2Fshop/merge_requests', ({ query }) =>
      query.get('state') === 'opened' && query.get('order_by') === 'updated_at'
        ? pageOf(this.open.map(listedShape), query, 100, 'per_page')
        : { status: 400, body: { message: 'state does not have a valid value' } },
    );
    const notes = '/projects/acme%2Fshop/merge_requests/:/notes';
    api.on('GET', notes, ({ query }, pull = '') => this.notes.list(pull, query));
    api.on('POST', notes, ({ body }, pull = '') => this.notes.create(pull, String((body as { body: string }).body)));
    api.on('PUT', `${notes}/:`, ({ body }, _pull, id = '') =>
      this.notes.change(id, String((body as { body: string }).body)),
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
    return this.notes.of(pull);
  }

  private setStatus(
    commit: string,
    { state = '', name = '', target_url: link = '', description = '' }: Record<string, string>,
  ) {
    if (!STATES.has(state)) return { status: 400, body: { message: 'state does not have a valid value' } };
    const last = this.set.findLast((one) => one.commit === commit && one.context === name);
    if (last?.state === state)
      return { status: 400, body: { message: `Cannot transition status via :${state} from :${state}` } };
    this.set.push({ commit, state, context: name, link, description });
    return { status: 201, body: {} };
  }
}

function delivery(event: string, body: object): Delivery {
  const name = deliveryName();
  return {
    headers: {
      'x-gitlab-event': event,
      'x-gitlab-event-uuid': name,
      'idempotency-key': name,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ ...body, sent_as: name }),
  };
}

function listedShape({ number, head, headBranch, baseBranch, from, into }: TestPull): object {
  return {
    iid: number,
    state: 'opened',
    sha: head,
    source_branch: headBranch,
    target_branch: baseBranch,
    source_project_id: from === into ? 1 : 2,
    target_project_id: 1,
    author: { username: 'octocat' },
  };
}

export const gitlabDriver: ProviderDriver = {
  name: 'gitlab',
  states: { pending: 'running', success: 'success', warning: 'success', failure: 'failed', error: 'failed' },
  pullRef: ({ number }) => `refs/merge-requests/${number}/head`,
  push: ({ branch, before, after }) =>
    delivery('Push Hook', {
      object_kind: 'push',
      ref: `refs/heads/${branch}`,
      before: before ?? ZEROS,
      after: after ?? ZEROS,
      user_username: 'octocat',
    }),
  pull: ({ action, number, head, baseBranch, from, into }) =>
    delivery('Merge Request Hook', {
      object_kind: 'merge_request',
      user: { username: 'octocat' },
      object_attributes: {
        iid: number,
        action: { opened: 'open', closed: 'close', retitled: 'update' }[action],
        target_branch: baseBranch,
        last_commit: { id: head },
        source: { git_http_url: from, path_with_namespace: nameOf(from) },
        target: { git_http_url: into, path_with_namespace: nameOf(into) },
      },
    }),
  star: () => delivery('Note Hook', { object_kind: 'note' }),
  sign: ({ headers, body }, secret) => ({ headers: { ...headers, 'x-gitlab-token': secret }, body }),
  fake: () => new FakeGitlab(),
};
