import { FakeProvider, pageOf, type FakeAnswer, type SeenStatus } from './fake-provider.js';
import {
  deliveryName,
  nameOf,
  hmacOf,
  TOKEN,
  type Delivery,
  type ProviderDriver,
  type ProviderFake,
  type TestPull,
} from './provider-driver.js';

const STATES = new Set(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'STOPPED']);

interface Report {
  details: string;
  result: string;
  annotations: Map<string, Record<string, unknown>>;
}

/** As https://developer.atlassian.com/cloud/bitbucket/rest describes build statuses, reports, pull requests and merge bases. */
export class FakeBitbucket implements ProviderFake {
  readonly api = new FakeProvider(({ authorization }) => authorization === `Bearer ${TOKEN}`);
  readonly mergeBases = new Map<string, string>();
  readonly open: TestPull[] = [];
  readonly reports = new Map<string, Report>();
  private readonly set: (SeenStatus & { commit: string })[] = [];

  constructor() {
    const { api } = this;
    const repository = '/repositories/acme/shop';
    api.on('GET', `${repository}/merge-base/:`, (_call, range = '') => {
      const hash = this.mergeBases.get(range.replace('..', ' '));
      return hash === undefined ? { status: 404, body: { error: 'none' } } : { status: 200, body: { hash } };
    });
    api.on('GET', `${repository}/pullrequests`, ({ query }) =>
      query.get('state') === 'OPEN'
        ? valuesOf(pageOf(this.open.map(pullShape), query, 50, 'pagelen'))
        : { status: 400 },
    );
    api.on('POST', `${repository}/commit/:/statuses/build`, ({ body }, commit = '') => {
      const { key = '', state = '', url: link = '', description = '' } = body as Record<string, string>;
      if (!STATES.has(state) || key.length > 40 || !link.startsWith('https://'))
        return { status: 400, body: { error: { message: 'Bad request' } } };
      this.set.push({ commit, state, context: key, link, description });
      return { status: 201, body: {} };
    });
    api.on('PUT', `${repository}/commit/:/reports/:`, ({ body }, commit = '', id = '') => {
      const { details = '', result = '' } = body as Record<string, string>;
      const annotations = this.reports.get(`${commit} ${id}`)?.annotations ?? new Map();
      this.reports.set(`${commit} ${id}`, { details, result, annotations });
      return { status: 200, body: {} };
    });
    api.on('POST', `${repository}/commit/:/reports/:/annotations`, ({ body }, commit = '', id = '') => {
      const report = this.reports.get(`${commit} ${id}`);
      const added = body as Record<string, unknown>[];
      if (report === undefined || added.length > 100)
        return { status: 400, body: { error: { message: 'Bad request' } } };
      for (const annotation of added) report.annotations.set(String(annotation['external_id']), annotation);
      return { status: 200, body: added };
    });
  }

  readonly findsInPushes = true;

  statuses(commit: string): SeenStatus[] {
    return this.set.filter((one) => one.commit === commit);
  }

  passes(commit: string): boolean {
    return [...this.reports].some(([key, { result }]) => key.startsWith(commit) && result === 'PASSED');
  }

  findings(commit: string): string[] {
    return [...this.reports]
      .filter(([key]) => key.startsWith(commit))
      .map(([, { details, annotations }]) =>
        [details, ...[...annotations.values()].map((one) => JSON.stringify(one))].join('\n'),
      );
  }
}

function delivery(event: string, body: object): Delivery {
  return {
    headers: { 'x-event-key': event, 'x-request-uuid': deliveryName(), 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, actor: { nickname: 'octocat' }, date: deliveryName() }),
  };
}

const branchAt = (name: string, hash: string | null): object | null =>
  hash === null ? null : { type: 'branch', name, target: { hash } };
const repositoryAt = (url: string): object => ({
  full_name: nameOf(url),
  links: { html: { href: url.replace(/\.git$/, '') } },
});

function pullShape({ number, head, headBranch, base, baseBranch, from, into }: TestPull): object {
  return {
    id: number,
    state: 'OPEN',
    author: { nickname: 'octocat' },
    source: { branch: { name: headBranch }, commit: { hash: head.slice(0, 12) }, repository: repositoryAt(from) },
    destination: { branch: { name: baseBranch }, commit: { hash: base.slice(0, 12) }, repository: repositoryAt(into) },
  };
}

/** A page as Bitbucket has it: with its items, and the address of the next one. */
function valuesOf({ status, body, headers }: FakeAnswer): FakeAnswer {
  return { status, body: { values: body, ...(headers && { next: headers['link'] }) } };
}

export const bitbucketDriver: ProviderDriver = {
  name: 'bitbucket',
  states: { pending: 'INPROGRESS', success: 'SUCCESSFUL', warning: 'SUCCESSFUL', failure: 'FAILED', error: 'FAILED' },
  pullRef: ({ headBranch }) => `refs/heads/${headBranch}`,
  push: ({ branch, before, after }) =>
    delivery('repo:push', { push: { changes: [{ old: branchAt(branch, before), new: branchAt(branch, after) }] } }),
  pull: (pull) =>
    delivery(`pullrequest:${{ opened: 'created', closed: 'rejected', retitled: 'approved' }[pull.action]}`, {
      pullrequest: pullShape(pull),
    }),
  star: () => delivery('repo:fork', {}),
  sign: ({ headers, body }, secret) => ({
    headers: { ...headers, 'x-hub-signature': `sha256=${hmacOf(body, secret)}` },
    body,
  }),
  fake: () => new FakeBitbucket(),
};
