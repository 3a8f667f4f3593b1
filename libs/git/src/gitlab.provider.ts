import { z } from 'zod';
import {
  actorSchema,
  branchSchema,
  commitOrNothing,
  commitSchema,
  numberSchema,
  payloadOf,
  refSchema,
  type GitEvent,
  type HookRequest,
  type PullRequestEvent,
} from './git-event.rules.js';
import {
  loginOf,
  markerOf,
  repositoryOf,
  type CheckReport,
  type CommitStatus,
  type GitProvider,
  type OpenPullRequests,
  type ProviderApi,
  type ProviderTarget,
  type ReportState,
} from './git-provider.js';
import { isSecret, isStandardSigned } from './hook-signature.rules.js';
import { pullsOf } from './open-pulls.rules.js';
import { ProviderClient, ProviderRefused } from './provider-client.js';
import { keepComment } from './pull-comment.js';

const pushSchema = z.object({
  object_kind: z.string().nullish(),
  ref: refSchema,
  before: commitOrNothing,
  after: commitOrNothing,
  user_username: actorSchema,
});
const authorSchema = z.object({ username: actorSchema }).nullish();
const listedSchema = z.object({
  iid: numberSchema,
  sha: commitSchema,
  target_branch: branchSchema,
  author: authorSchema,
});
const mergeRequestSchema = z.object({
  user: authorSchema,
  object_attributes: z.object({
    iid: numberSchema,
    action: z.string().nullish(),
    oldrev: commitSchema.nullish(),
    target_branch: branchSchema,
    last_commit: z.object({ id: commitSchema }),
  }),
});

/** GitLab, anybody's own too. */
export const gitlab: GitProvider = {
  name: 'gitlab',
  verify(hook, secret, now) {
    // Where it signs, the signature counts: what is only a token can be sent again with another body.
    if (hook.headers['webhook-signature'] !== undefined) return isStandardSigned(secret, hook, now);
    return isSecret(secret, hook.headers['x-gitlab-token']);
  },
  deliveryOf: ({ headers }) => headers['webhook-id'] ?? headers['idempotency-key'] ?? headers['x-gitlab-event-uuid'],
  parse(hook) {
    switch (hook.headers['x-gitlab-event']) {
      case 'Push Hook':
      case 'Tag Push Hook':
        return [pushOf(hook)];
      case 'Merge Request Hook':
        return mergeRequestOf(hook);
      default:
        return [];
    }
  },
  login: (token) => loginOf(token, 'oauth2'),
  api: (target) => new GitlabApi(target),
};

function pushOf(hook: HookRequest): GitEvent {
  const { ref, before, after, user_username: actor } = payloadOf(pushSchema, hook);
  return { kind: 'push', ref, commit: after, before, actor };
}

function mergeRequestOf(hook: HookRequest): GitEvent[] {
  const { user, object_attributes: request } = payloadOf(mergeRequestSchema, hook);
  const { iid: number, action } = request;
  if (action === 'close' || action === 'merge') return [{ kind: 'pull_request_closed', number }];
  // An update that brings no commits changes a title, a label, a reviewer.
  const newCommits = action === 'open' || action === 'reopen' || (action === 'update' && request.oldrev != null);
  if (!newCommits) return [];
  return [eventOf({ ...request, sha: request.last_commit.id, author: user })];
}

function eventOf({ iid: number, sha, target_branch: baseRef, author }: z.infer<typeof listedSchema>): PullRequestEvent {
  return {
    kind: 'pull_request',
    number,
    head: sha,
    baseRef,
    base: null,
    // A fork's commits are there too.
    fetchRef: `refs/merge-requests/${number}/head`,
    forkUrl: null,
    actor: author?.username ?? null,
  };
}

const STATES: Record<ReportState, string> = {
  pending: 'running',
  success: 'success',
  warning: 'success',
  failure: 'failed',
  error: 'failed',
};

/** https://docs.gitlab.com/api: commits (status), notes and lists of merge requests, repositories (merge_base). */
class GitlabApi implements ProviderApi {
  private readonly client: ProviderClient;
  private readonly project: string;

  constructor({ url, apiUrl, token, http }: ProviderTarget) {
    this.project = `/projects/${encodeURIComponent(repositoryOf(url))}`;
    this.client = new ProviderClient(http, apiUrl ?? `${new URL(url).origin}/api/v4`, {
      'private-token': loginOf(token, '').password,
    });
  }

  async mergeBase(base: string, head: string): Promise<string | undefined> {
    const path = `${this.project}/repository/merge_base?refs[]=${base}&refs[]=${head}`;
    return commitSchema.safeParse(((await this.client.call('GET', path)).body as { id?: unknown }).id).data;
  }

  async openPullRequests(): Promise<OpenPullRequests> {
    const path = `${this.project}/merge_requests?state=opened&order_by=updated_at&sort=desc&per_page=100`;
    return pullsOf(await this.client.list(path), listedSchema, eventOf);
  }

  async setStatus({ commit, ref, context, state, description, link }: CommitStatus): Promise<void> {
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    try {
      await this.client.call('POST', `${this.project}/statuses/${commit}`, {
        state: STATES[state],
        name: context,
        description,
        target_url: link,
        ...(branch !== undefined && { ref: branch }),
      });
    } catch (error) {
      // It is told so where the status is that one already.
      const already =
        error instanceof ProviderRefused && error.status === 400 && /Cannot transition status/.test(error.message);
      if (!already) throw error;
    }
  }

  async annotate({ pullRequest, sourceId, summary }: CheckReport): Promise<string> {
    if (pullRequest === null) return 'commit status';
    const notes = `${this.project}/merge_requests/${pullRequest}/notes`;
    const routes = {
      client: this.client,
      list: `${notes}?per_page=100&sort=asc`,
      create: notes,
      change: (id: string) => `${notes}/${id}`,
      method: 'PUT' as const,
    };
    await keepComment(routes, markerOf(sourceId), summary);
    return 'commit status and note';
  }
}
