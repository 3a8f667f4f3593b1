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

interface CheckRun {
  id: number;
  head_sha: string;
  external_id: string;
  status: string;
  conclusion?: string;
  output: { title: string; summary: string; annotations?: { path: string; start_line: number }[] };
  annotations: { path: string; start_line: number }[];
}

/** As https://docs.github.com/rest describes statuses, check runs, pull requests, issue comments and comparing commits. */
export class FakeGithub implements ProviderFake {
  readonly api = new FakeProvider(({ authorization }) => authorization === `Bearer ${TOKEN}`);
  readonly mergeBases = new Map<string, string>();
  readonly runs: CheckRun[] = [];
  readonly open: TestPull[] = [];
  readonly comments = new FakeComments();
  private readonly set: (SeenStatus & { commit: string })[] = [];

  /** @param isApp whether the token is an app's: only those may make check runs */
  constructor(readonly isApp = true) {
    const { api } = this;
    api.on('GET', '/repos/acme/shop/compare/:', (_call, range = '') => {
      const [base = '', head = ''] = range.split('...');
      const sha = this.mergeBases.get(`${base} ${head}`);
      return sha === undefined
        ? { status: 404, body: { message: 'Not Found' } }
        : { status: 200, body: { merge_base_commit: { sha } } };
    });
    api.on('POST', '/repos/acme/shop/statuses/:', ({ body }, commit = '') => {
      const { state, context, target_url: link, description } = body as Record<string, string>;
      if (!['error', 'failure', 'pending', 'success'].includes(state ?? '') || (description ?? '').length > 140)
        return { status: 422, body: { message: 'Validation Failed' } };
      this.set.push({
        commit,
        state: state ?? '',
        context: context ?? '',
        link: link ?? '',
        description: description ?? '',
      });
      return { status: 201, body: {} };
    });
    api.on('GET', '/repos/acme/shop/commits/:/check-runs', (_call, sha = '') => ({
      status: 200,
      body: { check_runs: this.runs.filter(({ head_sha: head }) => head === sha) },
    }));
    api.on('POST', '/repos/acme/shop/check-runs', ({ body }) => this.createRun(body as unknown as CheckRun));
    api.on('GET', '/repos/acme/shop/check-runs/:', (_call, id) => {
      const run = this.runs.find((one) => one.id === Number(id));
      return run === undefined
        ? { status: 404 }
        : { status: 200, body: { ...run, output: { annotations_count: run.annotations.length } } };
    });
    api.on('PATCH', '/repos/acme/shop/check-runs/:', ({ body }, id) =>
      this.changeRun(Number(id), body as unknown as CheckRun),
    );
    api.on('GET', '/repos/acme/shop/pulls', ({ query }) =>
      query.get('state') === 'open' && query.get('sort') === 'updated'
        ? pageOf(this.open.map(pullShape), query, 100, 'per_page')
        : { status: 422, body: { message: 'Validation Failed' } },
    );
    const comments = '/repos/acme/shop/issues/:/comments';
    api.on('GET', comments, ({ query }, pull = '') => this.comments.list(pull, query));
    api.on('POST', comments, ({ body }, pull = '') =>
      this.comments.create(pull, String((body as { body: string }).body)),
    );
    api.on('PATCH', '/repos/acme/shop/issues/comments/:', ({ body }, id = '') =>
      this.comments.change(id, String((body as { body: string }).body)),
    );
  }

  readonly findsInPushes = true;

  statuses(commit: string): SeenStatus[] {
    return this.set.filter((one) => one.commit === commit);
  }

  findings(commit: string, pull: number): string[] {
    const runs = this.runs.filter(({ head_sha: head, status }) => head === commit && status === 'completed');
    return [...runs.map(({ output }) => output.summary), ...this.comments.of(pull)];
  }

  passes(commit: string): boolean {
    return this.runs.some(({ head_sha: head, conclusion }) => head === commit && conclusion !== 'failure');
  }

  private createRun(run: CheckRun) {
    if (!this.isApp) return { status: 403, body: { message: 'Resource not accessible by personal access token' } };
    const made = { ...run, id: this.runs.length + 1, annotations: [] };
    this.runs.push(made);
    return { status: 201, body: made };
  }

  private changeRun(id: number, change: Partial<CheckRun>) {
    const run = this.runs.find((one) => one.id === id);
    const added = change.output?.annotations ?? [];
    if (run === undefined || added.length > 50) return { status: 422, body: { message: 'Invalid request.' } };
    run.annotations.push(...added);
    Object.assign(run, change);
    return { status: 200, body: run };
  }
}

function delivery(event: string, body: object): Delivery {
  return {
    headers: { 'x-github-event': event, 'x-github-delivery': deliveryName(), 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, sender: { login: 'octocat' }, repository: { pushed_at: deliveryName() } }),
  };
}

function pullShape({ number, head, headBranch, base, baseBranch, from, into }: TestPull): object {
  return {
    number,
    state: 'open',
    user: { login: 'octocat' },
    head: { sha: head, ref: headBranch, repo: { clone_url: from, full_name: nameOf(from) } },
    base: { sha: base, ref: baseBranch, repo: { clone_url: into, full_name: nameOf(into) } },
  };
}

export const githubDriver: ProviderDriver = {
  name: 'github',
  states: { pending: 'pending', success: 'success', warning: 'success', failure: 'failure', error: 'error' },
  pullRef: ({ number }) => `refs/pull/${number}/head`,
  push: ({ branch, before, after }) =>
    delivery('push', {
      ref: `refs/heads/${branch}`,
      before: before ?? ZEROS,
      after: after ?? ZEROS,
      deleted: after === null,
    }),
  pull: (pull) =>
    delivery('pull_request', {
      action: { opened: 'opened', closed: 'closed', retitled: 'edited' }[pull.action],
      number: pull.number,
      pull_request: pullShape(pull),
    }),
  star: () => delivery('star', { action: 'created' }),
  sign: ({ headers, body }, secret) => ({
    headers: { ...headers, 'x-hub-signature-256': `sha256=${hmacOf(body, secret)}` },
    body,
  }),
  fake: () => new FakeGithub(),
};
